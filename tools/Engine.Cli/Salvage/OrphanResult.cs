namespace Engine.Cli.Salvage;

/// <summary>What the search for leaves to which nothing refers any more came to.</summary>
/// <param name="Leaves">Leaves whose entries were taken.</param>
/// <param name="Ambiguous">Leaves that may belong to several trees, and were left alone.</param>
/// <param name="FreeIsKnown">Whether the space log says which pages are free. If it does not, entries that were deleted may have come back.</param>
/// <param name="Refusal">Why there was no search; null if there was one.</param>
internal sealed record OrphanResult(long Leaves, long Ambiguous, bool FreeIsKnown, string? Refusal = null);
