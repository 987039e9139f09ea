using System.Runtime.InteropServices;

namespace Engine.Space;

/// <summary>What a transaction adds to the log. The lists are reused: it is valid until the next seal.</summary>
internal readonly struct TransactionEntries
{
    private readonly ulong _transaction;
    private readonly List<Extent> _allocated;
    private readonly List<Extent> _grown;
    private readonly List<PendingExtent> _frees;
    private readonly List<NamedPin> _names;

    /// <param name="transaction">The transaction.</param>
    /// <param name="takes">What it holds in the end.</param>
    /// <param name="frees">What it freed, ascending.</param>
    /// <param name="names">The named snapshots that it makes and takes away.</param>
    public TransactionEntries(
        ulong transaction, NetTakes takes, List<PendingExtent> frees, List<NamedPin> names)
    {
        _transaction = transaction;
        _names = names;
        _allocated = takes.Allocated;
        _grown = takes.Grown;
        _frees = frees;
    }

    public ulong Transaction => _transaction;

    /// <summary>Pages that the log called free and that the transaction holds, ascending.</summary>
    public ReadOnlySpan<Extent> Allocated => CollectionsMarshal.AsSpan(_allocated);

    /// <summary>Pages that the log did not know and that the transaction leaves free, ascending.</summary>
    public ReadOnlySpan<Extent> Grown => CollectionsMarshal.AsSpan(_grown);

    /// <summary>Pages that it no longer reaches, ascending.</summary>
    public ReadOnlySpan<PendingExtent> Frees => CollectionsMarshal.AsSpan(_frees);

    /// <summary>The named snapshots that it makes and takes away.</summary>
    public ReadOnlySpan<NamedPin> Names => CollectionsMarshal.AsSpan(_names);

    /// <summary>How many entries there are, with the one of their group.</summary>
    public int Count => 1 + _allocated.Count + _grown.Count + _frees.Count + _names.Count;

    /// <summary>Gives every entry to a sink.</summary>
    public void Emit<TSink>(ref TSink sink)
        where TSink : struct, ILogSink
    {
        sink.Group(_transaction);
        foreach (var extent in Allocated)
        {
            sink.Allocate(extent);
        }

        foreach (var extent in Grown)
        {
            sink.Free(extent, _transaction);
        }

        foreach (var entry in Frees)
        {
            sink.Free(entry.Pages, entry.Birth);
        }

        EmitNames(ref sink);
    }

    /// <summary>Gives the entries of named snapshots to a sink, which is in the transaction's group.</summary>
    public void EmitNames<TSink>(ref TSink sink)
        where TSink : struct, ILogSink
    {
        foreach (var (tag, id) in Names)
        {
            sink.Name(tag, id);
        }
    }
}
