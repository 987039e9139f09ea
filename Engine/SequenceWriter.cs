using System.Diagnostics.CodeAnalysis;
using Engine.Transactions;

namespace Engine;

/// <summary>
/// One sequence in one write transaction, to take numbers from: <c>tx[sequence]</c>. Passed by value; making one costs
/// nothing and does nothing.
/// </summary>
/// <remarks>
/// Every member throws <see cref="CodecMismatchException"/> if <see cref="Sequence.TreeName"/> is a tree with other
/// codecs or none, <see cref="InvalidEncodingException"/> if that has something under the sequence's name that is no
/// last number, <see cref="ObjectDisposedException"/> if the transaction has ended, and
/// <see cref="InvalidOperationException"/> as the members of <see cref="TreeWriter"/> do. Serves one thread at a time,
/// as its transaction does. A number costs a lookup and a put. The transaction remembers each sequence that it has
/// taken from, until it ends, and a rollback looks at all of them.
/// </remarks>
public readonly ref struct SequenceWriter
{
    private readonly WriteTransaction _transaction;
    private readonly Sequence _sequence;

    internal SequenceWriter(WriteTransaction transaction, Sequence sequence)
    {
        _transaction = transaction;
        _sequence = sequence;
    }

    /// <summary>The sequence.</summary>
    public Sequence Sequence
    {
        get
        {
            RequireTransaction();
            return _sequence;
        }
    }

    /// <summary>
    /// The last number that was taken, by this transaction or one that was committed before it; 0 if none was.
    /// </summary>
    public long Last
    {
        get
        {
            RequireTransaction();
            using var entered = _transaction.EnterToRead(out var context);
            return context.LastOf(_sequence.Id);
        }
    }

    /// <summary>Takes the next number.</summary>
    /// <returns>The number, which is above all that were taken before; the first one is 1.</returns>
    /// <exception cref="SequenceExhaustedException">
    /// The last number was <see cref="long.MaxValue"/>; nothing was changed.
    /// </exception>
    public long Next() => Take(1);

    /// <summary>Takes numbers that follow each other without a gap.</summary>
    /// <param name="count">How many, at least 1.</param>
    /// <returns>The first of them. The last one is <paramref name="count"/> − 1 above it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The count is not positive; nothing was changed.</exception>
    /// <exception cref="SequenceExhaustedException">
    /// There are not so many below or at <see cref="long.MaxValue"/>; nothing was changed.
    /// </exception>
    public long Take(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        using var entered = Enter(out var context);
        return context.Take(_sequence.Id, count);
    }

    /// <summary>
    /// Takes all numbers up to one, so that the next one is above it: for numbers that were given elsewhere. Does
    /// nothing if the sequence is there already: it never goes down.
    /// </summary>
    /// <param name="number">The number.</param>
    public void AdvanceTo(long number)
    {
        using var entered = Enter(out var context);
        context.AdvanceTo(_sequence.Id, number);
    }

    private TransactionScope Enter(out WriteContext context)
    {
        RequireTransaction();
        return _transaction.Enter(out context);
    }

    private void RequireTransaction()
    {
        if (_transaction is null)
        {
            ThrowDefault();
        }
    }

    [DoesNotReturn]
    private static void ThrowDefault() =>
        throw new InvalidOperationException(
            "A default sequence writer takes nothing. Get one from a write transaction: tx[sequence].");
}
