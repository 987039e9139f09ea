namespace Engine.Cli.Salvage;

/// <summary>A leaf whose tree is not known.</summary>
/// <param name="Page">Where it lies.</param>
/// <param name="Birth">The transaction that wrote it.</param>
/// <param name="Entries">The entries that were taken from it.</param>
internal sealed record FoundLeaf(ulong Page, ulong Birth, long Entries);
