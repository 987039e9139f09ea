using System.Diagnostics.CodeAnalysis;
using Engine.Transactions;

namespace Engine;

/// <summary>Throwing out of line keeps the fast paths small.</summary>
internal static class Throw
{
    [DoesNotReturn]
    public static void EndedTransaction(ReaderContext? context) => throw Ended(context);

    public static Exception Ended(ReaderContext? context)
    {
        return context is null
            ? new InvalidOperationException(
                "A default read transaction or tree reader reads nothing. Begin one with Database.BeginRead.")
            : new ObjectDisposedException(
                nameof(ReadTransaction),
                "The read transaction has ended (disposed, its callback returned, or its database was closed).");
    }

    [DoesNotReturn]
    public static void NoPosition() =>
        throw new InvalidOperationException(
            "The cursor stands on no entry. Move it first, and look at what the move returns.");

    public static ArgumentException ForeignState(string parameter) => new(
        "The states are of different databases, or of one that was opened twice: they share no pages. Begin both read "
        + "transactions on the same Database.",
        parameter);
}
