namespace Engine.Cli.Salvage;

/// <summary>What the search for leaves to which nothing leads any more came to.</summary>
/// <param name="Leaves">Leaves whose tree is known, and whose entries went there.</param>
/// <param name="Stale">Leaves that are former versions by the space log, and were left out.</param>
/// <param name="Superseded">Leaves that the space log says nothing of, and that are former versions of newer ones by
/// what they hold.</param>
/// <param name="SupersededEntries">Their entries that a newer leaf has with another value, which were left out.</param>
/// <param name="RepeatedEntries">Entries that were saved before from a newer leaf, key and value alike, where the space
/// log says nothing.</param>
/// <param name="FreeIsKnown">Whether the whole space log could be read. If it could not, entries that were deleted may
/// have come back.</param>
/// <param name="Found">Entries whose tree is not known; null if there are none.</param>
internal sealed record OrphanResult(long Leaves, long Stale, long Superseded, long SupersededEntries,
    long RepeatedEntries, bool FreeIsKnown, LostAndFound? Found);
