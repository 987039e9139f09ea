namespace Engine.Integrity;

/// <summary>What the trees of a state are found by, whether a meta has it or an entry of the tree of names.</summary>
/// <param name="Id">The state: none of its pages is younger.</param>
/// <param name="NextTreeId">Above the ids of all its trees.</param>
/// <param name="DefaultTree">The default tree.</param>
/// <param name="Catalog">The catalog.</param>
internal sealed record StateRoots(ulong Id, ulong NextTreeId, TreeRecord DefaultTree, TreeRecord Catalog)
{
    public static StateRoots Of(MetaSlot meta) => new(meta.Id, meta.NextTreeId, meta.DefaultTree, meta.Catalog);
}
