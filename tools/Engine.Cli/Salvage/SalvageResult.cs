namespace Engine.Cli.Salvage;

/// <summary>What a salvage found.</summary>
/// <param name="Transaction">The state that it began with; null if both metas are gone.</param>
/// <param name="NewerTransaction">A newer state, which recovery would not take; null if there is none.</param>
/// <param name="IsUnconfirmed">Whether the newest state has no meta with a right checksum, so that only the checksums
/// of its pages vouch for it.</param>
/// <param name="Trees">The trees.</param>
/// <param name="CatalogLosses">What is missing in the catalog: trees whose names are not even known.</param>
/// <param name="Orphans">What the search for leaves to which nothing leads came to; null if there was none.</param>
internal sealed record SalvageResult(
    ulong? Transaction, ulong? NewerTransaction, bool IsUnconfirmed, IReadOnlyList<SalvagedTree> Trees,
        LossList CatalogLosses, OrphanResult? Orphans)
{
    public bool IsComplete =>
        !IsUnconfirmed && CatalogLosses.IsEmpty && Orphans?.Found is null && Trees.All(tree => tree.IsComplete);
}
