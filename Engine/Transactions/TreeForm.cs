namespace Engine.Transactions;

/// <summary>What the entries of a tree are (docs/format.md section 4).</summary>
internal enum TreeForm : byte
{
    /// <summary>Keys and values.</summary>
    Plain,

    /// <summary>The pairs of a multi-valued tree.</summary>
    Pairs,

    /// <summary>Keys, and values behind the time at which the entry expires.</summary>
    Expiring,

    /// <summary>The times at which the entries of another tree expire, with their keys.</summary>
    TimeIndex,
}
