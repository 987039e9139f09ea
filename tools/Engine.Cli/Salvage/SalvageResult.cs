namespace Engine.Cli.Salvage;

/// <summary>What a salvage found.</summary>
/// <param name="Transaction">The state that it began with.</param>
/// <param name="NewerTransaction">A newer state, which recovery would not take; null if there is none.</param>
/// <param name="IsUnconfirmed">Whether the meta of the newest state has a wrong checksum, so that only the checksums of its pages vouch for it.</param>
/// <param name="Trees">The trees.</param>
/// <param name="CatalogLosses">What is missing in the catalog: trees whose names are not even known.</param>
/// <param name="Orphans">What the search for orphans came to; null if it was not asked for.</param>
internal sealed record SalvageResult(
    ulong Transaction, ulong? NewerTransaction, bool IsUnconfirmed, IReadOnlyList<SalvagedTree> Trees, LossList CatalogLosses, OrphanResult? Orphans)
{
    public bool IsComplete => !IsUnconfirmed && CatalogLosses.IsEmpty && Trees.All(tree => tree.IsComplete);
}
