using Engine.Pages;
using Engine.Trees;

namespace Engine.Transactions;

/// <summary>
/// What a read transaction's value types point at. Reused: the epoch tells which transaction it serves, so that a copy
/// of an ended one is recognised. There are three: of a reader slot (<see cref="SlotReader"/>), of a snapshot object
/// (<see cref="SnapshotReader"/>), and for the callbacks that read a write transaction (<see cref="WriterView"/>).
/// </summary>
internal abstract class ReaderContext(PageSource source)
{
    public readonly PageSource Source = source;

    /// <summary>The default tree.</summary>
    public TreeRecord Main;

    /// <summary>Moves when the transaction ends.</summary>
    public int Epoch;

    public ulong TransactionId { get; protected set; }

    /// <summary>The record of the catalog.</summary>
    protected abstract TreeRecord Catalog { get; }

    /// <summary>The record of the catalog, for who compares it with that of another state.</summary>
    /// <exception cref="InvalidOperationException">The catalog is not written yet.</exception>
    public virtual TreeRecord RequireCatalog() => Catalog;

    /// <summary>The record of a tree and its attributes; false when there is no such tree.</summary>
    public abstract bool TryResolve(TreeName tree, out TreeRecord record, out byte[] attributes);

    /// <summary>The names of all trees, in ascending byte order.</summary>
    public virtual IReadOnlyList<string> ListNames()
    {
        var names = new List<string>();
        var cursor = new TreeCursor(Source, Catalog);
        for (var found = cursor.MoveToFirst(); found; found = cursor.MoveNext())
        {
            if (cursor.Key.IsEmpty)
            {
                // What the database itself has there is no tree.
                continue;
            }

            names.Add(TreeName.FromKey(cursor.Key, Source.PageSize));
        }

        return names;
    }

    /// <summary>
    /// Ends the transaction that it serves, and gives back what that one held; nothing if it has ended before. Every
    /// copy is told so at its next use.
    /// </summary>
    /// <param name="epoch">The epoch that the transaction began with.</param>
    public abstract void End(int epoch);

    /// <summary>Ends whatever transaction it serves, so that its next use is told.</summary>
    public void EndAny() => Interlocked.Increment(ref Epoch);

    /// <summary>Moves the epoch, unless the transaction has ended.</summary>
    protected bool TryEnd(int epoch) => Interlocked.CompareExchange(ref Epoch, epoch + 1, epoch) == epoch;
}
