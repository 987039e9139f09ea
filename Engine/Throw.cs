using System.Diagnostics.CodeAnalysis;
using Engine.Transactions;

namespace Engine;

/// <summary>Throwing out of line keeps the fast paths small.</summary>
internal static class Throw
{
    [DoesNotReturn]
    public static void EndedTransaction(ReaderContext? context)
    {
        if (context is null)
        {
            throw new InvalidOperationException("A default read transaction or tree reader reads nothing. Begin one with Database.BeginRead.");
        }

        throw context.IsView
            ? new InvalidOperationException("The view is stale: its write transaction has changed something or ended. Take a new view with WriteTransaction.View.")
            : new ObjectDisposedException(nameof(ReadTransaction), "The read transaction has ended (disposed, or its database was closed).");
    }

    [DoesNotReturn]
    public static void NoPosition() =>
        throw new InvalidOperationException("The cursor stands on no entry. Move it first, and look at what the move returns.");
}
