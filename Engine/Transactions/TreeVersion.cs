namespace Engine.Transactions;

/// <summary>
/// Moves whenever the tree under a name changes within a write transaction: the tree's change counter, and how often
/// names came to mean other trees or the transaction was rolled back, because another tree under the name may have
/// counted as far as the one before it.
/// </summary>
internal readonly record struct TreeVersion(long Changes, long Rebinds)
{
    /// <summary>That of no tree.</summary>
    public static TreeVersion None => new(-1, -1);
}
