using Engine.Pages;

namespace Engine.Transactions;

/// <summary>
/// What a catalog has under a name: a record, or nothing. The record never changes. The catalog that it is known to be
/// of may: whoever finds the same record in a later one says so here. Read the id first: if it is the wanted one, the
/// record is right, whatever the id becomes afterwards.
/// </summary>
internal sealed class TreeEntry(ulong catalogId, bool exists, TreeRecord record, byte[] attributes)
{
    public readonly TreeRecord Record = record;
    public readonly bool Exists = exists;

    /// <summary>What the catalog has behind the record, which is kept; nothing behind most.</summary>
    public readonly byte[] Attributes = attributes;

    private ulong _catalogId = catalogId;

    /// <summary>A catalog that has this (<see cref="PublishedState.CatalogId"/>).</summary>
    public ulong CatalogId
    {
        get => Volatile.Read(ref _catalogId);
        set => Volatile.Write(ref _catalogId, value);
    }
}
