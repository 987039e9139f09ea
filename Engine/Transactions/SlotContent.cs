using Engine.Pages;

namespace Engine.Transactions;

/// <summary>What a meta slot holds.</summary>
/// <param name="Slot">The slot, 0 or 1.</param>
/// <param name="Meta">Its meta; null if it is not valid.</param>
/// <param name="Id">The id in it, if its checksum is right.</param>
/// <param name="Fault">Why it is not valid.</param>
internal readonly record struct SlotContent(int Slot, Meta? Meta, ulong? Id, RejectionReason? Fault);
