namespace Engine;

/// <summary>
/// What happened between two committed states: a transaction, or those that shared a commit, or all that were committed
/// while whoever follows was busy. Its snapshots are disposed when the enumeration that gave it moves on or ends.
/// Thread-safe.
/// </summary>
public sealed class StateChange
{
    internal StateChange(Snapshot older, Snapshot newer, IReadOnlyList<ChangedTree> trees, string? consumer = null)
    {
        Older = older;
        Newer = newer;
        Trees = trees;
        Consumer = consumer;
    }

    /// <summary>The state before.</summary>
    public Snapshot Older { get; }

    /// <summary>The state after.</summary>
    public Snapshot Newer { get; }

    /// <summary>Id of the transaction that made the state after.</summary>
    public ulong TransactionId => Newer.TransactionId;

    /// <summary>
    /// The trees that were created, dropped, renamed or changed; at least one. Indexes, and trees whose names begin
    /// with <c>engine:</c>, are not among them, unless they were asked for; then there may be none, too.
    /// </summary>
    public IReadOnlyList<ChangedTree> Trees { get; }

    /// <summary>The consumer whose change it is; null if nobody's.</summary>
    public string? Consumer { get; }

    /// <summary>The last transaction that was asked to complete it; null if none was.</summary>
    internal WriteTransaction? TakenBy { get; set; }

    /// <summary>
    /// Copies of the changes of a tree, ascending; read in pieces as the enumeration goes on. Who reads much begins two
    /// read transactions and copies nothing
    /// (<see cref="ReadTransaction.ChangesSince(in ReadTransaction, ChangedTree)"/>).
    /// </summary>
    /// <param name="tree">One of <see cref="Trees"/>.</param>
    /// <exception cref="ArgumentException">The tree is one of another database.</exception>
    public IEnumerable<CopiedChange> ChangesIn(ChangedTree tree) => Newer.ChangesSince(Older, tree);

    /// <inheritdoc/>
    public override string ToString() => $"{Older.TransactionId} -> {Newer.TransactionId}";
}
