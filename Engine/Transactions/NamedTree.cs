using Engine.Trees;

namespace Engine.Transactions;

/// <summary>A name that a write transaction has touched.</summary>
/// <param name="name">The name, by the handle that it was touched with first.</param>
/// <param name="serial">The transaction's serial.</param>
internal sealed class NamedTree(TreeName name, long serial)
{
    public TreeName Name { get; } = name;

    public long Serial { get; } = serial;

    /// <summary>The tree under that name now; null if there is none.</summary>
    public TreeEditor? Editor { get; set; }

    /// <summary>What the catalog has behind the record, which goes where the tree goes; nothing behind most.</summary>
    public byte[] Attributes
    {
        get;
        set
        {
            field = value;
            Expiry = TreeExpiry.FormOf(value);
        }
    } = [];

    /// <summary>What the attributes say of expiry: that entries expire, or are times, or nothing (plain).</summary>
    public TreeForm Expiry { get; private set; }

    /// <summary>
    /// How many entries the transaction has put into the tree or taken out of it, if they expire and nothing was
    /// cleaned since.
    /// </summary>
    public long ExpiringWrites { get; set; }

    /// <summary>The name by which they were made.</summary>
    public TreeName? Expiring { get; set; }

    /// <summary>
    /// Whether the name came, went or changed its tree in this transaction: then its record is written whatever its
    /// tree did.
    /// </summary>
    public bool IsRebound { get; set; }

    /// <summary>The newest savepoint that this need not be saved for.</summary>
    public long SavedAt { get; set; }

    public bool IsChanged => IsRebound || Editor is { IsChanged: true };

    /// <summary>Its dirty pages, when they were collected.</summary>
    public TreePages Pages { get; set; }

    /// <summary>What the commit makes of a changed tree, for the readers of its state.</summary>
    public TreeEntry? Committed { get; set; }
}
