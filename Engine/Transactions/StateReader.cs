using System.Runtime.CompilerServices;
using Engine.Pages;

namespace Engine.Transactions;

/// <summary>Reads a published state, which whoever holds this has pinned.</summary>
internal abstract class StateReader(int pageSize) : ReaderContext(new PageSource(pageSize))
{
    /// <summary>
    /// So many trees of a state that is not the newest one are remembered by each context that reads it.
    /// </summary>
    private const int OlderTrees = 4;

    private OlderTree[]? _older;
    private ulong _olderCatalogId;
    private PublishedState? _state;

    protected override TreeRecord Catalog => _state!.Catalog;

    /// <summary>Points at a snapshot, cheaply if it is the one of last time.</summary>
    public void Attach(PublishedState state, VerifiedPages verified)
    {
        if (!ReferenceEquals(_state, state))
        {
            _state = state;
            Main = state.Main;
            TransactionId = state.Id;
            state.Attach(Source, verified, null);
        }
    }

    public sealed override bool TryResolve(TreeName tree, out TreeRecord record, out byte[] attributes)
    {
        var state = _state!;
        if (tree.Entry is { } entry && entry.CatalogId == state.CatalogId)
        {
            record = entry.Record;
            attributes = entry.Attributes;
            return entry.Exists;
        }

        return Find(tree, state, out record, out attributes);
    }

    /// <summary>Looks into the catalog, and remembers what it has.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool Find(TreeName tree, PublishedState state, out TreeRecord record, out byte[] attributes)
    {
        if (tree.Entry is { } known && known.CatalogId > state.CatalogId)
        {
            // Others read a later state by this handle, most likely, and are not to be disturbed.
            return FindInOlder(tree, state, out record, out attributes);
        }

        var exists = CatalogSearch.TryFind(tree, Source, state.Catalog, out record, out attributes);
        tree.Remember(state.CatalogId, exists, record, attributes);
        return exists;
    }

    private bool FindInOlder(TreeName tree, PublishedState state, out TreeRecord record, out byte[] attributes)
    {
        var trees = _older ??= new OlderTree[OlderTrees];
        if (_olderCatalogId != state.CatalogId)
        {
            Array.Clear(trees);
            _olderCatalogId = state.CatalogId;
        }

        ref var older = ref trees[(uint)RuntimeHelpers.GetHashCode(tree) % OlderTrees];
        if (!ReferenceEquals(older.Name, tree))
        {
            var exists = CatalogSearch.TryFind(tree, Source, state.Catalog, out record, out attributes);
            older = new OlderTree(tree, exists, record, attributes);
        }

        record = older.Record;
        attributes = older.Attributes;
        return older.Exists;
    }

    /// <summary>A tree as a state has it that is not the newest one.</summary>
    private readonly record struct OlderTree(TreeName? Name, bool Exists, TreeRecord Record, byte[] Attributes);
}
