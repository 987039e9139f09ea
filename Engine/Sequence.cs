using Engine.Transactions;

namespace Engine;

/// <summary>
/// The name of a sequence of one database: numbers that are given once, in ascending order, beginning with 1.
/// <c>tx[sequence].Next()</c> takes one. Like <see cref="Tree"/> it is no more than a name: it does no I/O, and the
/// sequence need not exist; it does when a number has been taken. Keep handles that are used often. Equal to every
/// handle of the same name of the same database. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// <para>
/// A number is taken by the transaction that asks for it, and durable with its commit. Who shows it to anybody before
/// must know that it may be taken again after a crash, or when the transaction is aborted: an aborted transaction has
/// taken nothing. Within a transaction no number is taken twice: <see cref="WriteTransaction.RollBackTo(Savepoint)"/>, and the
/// abort of a nested transaction, undo everything but that; the sequences stay where they were. So numbers ascend in
/// the order of the commits, and there may be gaps.
/// </para>
/// <para>
/// Sequences are entries of the tree <see cref="TreeName"/>, from a name to the last number that was taken: an ordinary
/// tree, which <c>db.GetTree&lt;string, long&gt;(Sequence.TreeName)</c> lists. What is written there by other means
/// than a <see cref="SequenceWriter"/> counts, and is rolled back like anything else; to delete an entry resets its
/// sequence, and to drop or rename the tree resets all of them.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// var orders = db.GetSequence("orders");
/// using var tx = db.BeginWrite();
/// long order = tx[orders].Next();
/// tx.Commit();
/// </code>
/// </example>
public sealed class Sequence : IEquatable<Sequence>
{
    /// <summary>
    /// The name of the tree that sequences live in, with the codecs <c>utf8</c> and <c>i64</c>. It is made when the
    /// first number is taken.
    /// </summary>
    public const string TreeName = SequenceTree.Name;

    internal Sequence(Database database, SequenceName name)
    {
        Database = database;
        Id = name;
    }

    /// <summary>The sequence's name.</summary>
    public string Name => Id.Text;

    internal Database Database { get; }

    internal SequenceName Id { get; }

    /// <summary>Whether two handles are of one name and one database.</summary>
    public static bool operator ==(Sequence? left, Sequence? right) =>
        left is null ? right is null : left.Equals(right);

    /// <summary>Whether two handles are of different names or databases.</summary>
    public static bool operator !=(Sequence? left, Sequence? right) => !(left == right);

    /// <summary>
    /// Numbers for use outside of a write transaction: taken from the database in blocks, and given one by one. Does no
    /// I/O until the first number is asked for. Keep it: two of one sequence take blocks of their own.
    /// </summary>
    /// <param name="blockSize">
    /// How many numbers to take at a time, at least 1. Each block costs a durable commit; what is left of the last one
    /// is lost with the process.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The size is not positive.</exception>
    public ReservedSequence Reserve(int blockSize = 100)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blockSize);
        return new ReservedSequence(this, blockSize);
    }

    /// <inheritdoc/>
    public bool Equals(Sequence? other) =>
        ReferenceEquals(this, other)
        || (other is not null && ReferenceEquals(Database, other.Database) && Name == other.Name);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Sequence);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
