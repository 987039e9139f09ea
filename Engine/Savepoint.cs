namespace Engine;

/// <summary>
/// A point of a write transaction that it can be rolled back to, from <see cref="WriteTransaction.Savepoint"/>. A small
/// value that may be copied; it holds nothing, and is of no use when its transaction has ended.
/// </summary>
public readonly struct Savepoint : IEquatable<Savepoint>
{
    private readonly WriteTransaction? _transaction;

    internal Savepoint(WriteTransaction transaction, long number)
    {
        _transaction = transaction;
        Number = number;
    }

    internal long Number { get; }

    internal bool IsOf(WriteTransaction transaction) => ReferenceEquals(_transaction, transaction);

    /// <summary>Whether both are the same point of the same transaction.</summary>
    public bool Equals(Savepoint other) => Number == other.Number && ReferenceEquals(_transaction, other._transaction);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Savepoint other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Number.GetHashCode();

    /// <summary>Whether both are the same point of the same transaction.</summary>
    public static bool operator ==(Savepoint left, Savepoint right) => left.Equals(right);

    /// <summary>Whether they are different points.</summary>
    public static bool operator !=(Savepoint left, Savepoint right) => !left.Equals(right);
}
