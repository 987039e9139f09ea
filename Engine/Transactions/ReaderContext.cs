using System.Runtime.CompilerServices;
using Engine.Pages;

namespace Engine.Transactions;

/// <summary>Finds tree records for a reader: in a snapshot, or in a write transaction.</summary>
internal interface ITreeResolver
{
    /// <summary>The record of a tree as it is now; false when there is no such tree.</summary>
    bool TryResolve(TreeName tree, out TreeRecord record);

    /// <summary>The record of the catalog as it is now.</summary>
    TreeRecord Catalog { get; }
}

/// <summary>
/// What a read transaction's value types point at. Reused: the epoch tells which transaction it serves, so that a copy of an ended one is recognised. One
/// per reader slot, and one for the callbacks that read a write transaction.
/// </summary>
internal sealed class ReaderContext : ITreeResolver
{
    public readonly PageSource Source;

    /// <summary>The default tree.</summary>
    public TreeRecord Main;

    /// <summary>Moves when the transaction ends.</summary>
    public int Epoch;

    public readonly ITreeResolver Resolver;

    /// <summary>So many trees of a state that is not the newest one are remembered by each context that reads it.</summary>
    private const int OlderTrees = 4;

    private OlderTree[]? _older;
    private ulong _olderCatalogId;
    private PublishedState? _state;

    /// <summary>The context of a reader slot.</summary>
    public ReaderContext(int pageSize, int slot)
    {
        Source = new PageSource(pageSize);
        Slot = slot;
        Resolver = this;
    }

    /// <summary>The context of the callbacks that read a write transaction.</summary>
    public ReaderContext(PageSource source, ITreeResolver resolver)
    {
        Source = source;
        Slot = -1;
        Resolver = resolver;
    }

    /// <summary>A context of a read transaction on a snapshot object.</summary>
    public ReaderContext(int pageSize, SharedPin pin)
        : this(pageSize, -1)
    {
        Pin = pin;
    }

    /// <summary>The reader slot that pins the snapshot; -1 if it is not this context's own.</summary>
    public int Slot { get; }

    /// <summary>What pins the snapshot if several share it.</summary>
    public SharedPin? Pin { get; }

    /// <summary>Whether this serves callbacks that read a write transaction: what they were given ends when they return, and not before.</summary>
    public bool IsView => Slot < 0 && Pin is null;

    public ulong TransactionId { get; set; }

    TreeRecord ITreeResolver.Catalog => _state!.Catalog;

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

    /// <summary>Points at a write transaction as it is now.</summary>
    public void AttachWriter(ulong transactionId, in TreeRecord main)
    {
        TransactionId = transactionId;
        Main = main;
        Epoch++;
    }

    /// <summary>Ends whatever transaction it serves; every copy of it is told so at its next use.</summary>
    public bool TryEnd(int epoch) => Interlocked.CompareExchange(ref Epoch, epoch + 1, epoch) == epoch;

    bool ITreeResolver.TryResolve(TreeName tree, out TreeRecord record)
    {
        var state = _state!;
        if (tree.Entry is { } entry && entry.CatalogId == state.CatalogId)
        {
            record = entry.Record;
            return entry.Exists;
        }

        return Find(tree, state, out record);
    }

    /// <summary>Looks into the catalog, and remembers what it has.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool Find(TreeName tree, PublishedState state, out TreeRecord record)
    {
        if (tree.Entry is { } known && known.CatalogId > state.CatalogId)
        {
            // Others read a later state by this handle, most likely, and are not to be disturbed.
            return FindInOlder(tree, state, out record);
        }

        var exists = CatalogSearch.TryFind(tree, Source, state.Catalog, out record);
        tree.Remember(state.CatalogId, exists, record);
        return exists;
    }

    private bool FindInOlder(TreeName tree, PublishedState state, out TreeRecord record)
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
            var exists = CatalogSearch.TryFind(tree, Source, state.Catalog, out record);
            older = new OlderTree(tree, exists, record);
        }

        record = older.Record;
        return older.Exists;
    }

    /// <summary>A tree as a state has it that is not the newest one.</summary>
    private readonly record struct OlderTree(TreeName? Name, bool Exists, TreeRecord Record);
}
