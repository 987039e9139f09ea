namespace Engine.Space;

/// <summary>Pages that wait for one pin.</summary>
/// <param name="TransactionId">The pinned transaction.</param>
/// <param name="IsHeld">False when the pin was released and its pages are about to be looked at.</param>
/// <param name="Pages">The pages that wait for it.</param>
internal readonly record struct PinStatistics(ulong TransactionId, bool IsHeld, ulong Pages);
