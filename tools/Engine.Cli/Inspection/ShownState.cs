using Engine.Integrity;

namespace Engine.Cli.Inspection;

/// <summary>The state of a database that is shown, and how it came to be chosen.</summary>
/// <param name="Slots">Both meta slots as they were read.</param>
/// <param name="Meta">The meta of the state; null if no slot holds one that can be used.</param>
/// <param name="Refusal">What recovery would say instead of opening the file; null if it takes the meta.</param>
/// <param name="IsLive">Whether a process has the database open for writing.</param>
/// <param name="SeenId">The published id in the lock file when the state was chosen.</param>
/// <param name="Recovery">What recovery came across besides the state; null if there is nothing, or a process has the
/// database open for writing.</param>
internal sealed record ShownState(
    MetaSlot[] Slots, MetaSlot? Meta, string? Refusal, bool IsLive, ulong SeenId, RecoveryReport? Recovery = null);
