using System.Diagnostics.CodeAnalysis;
using Engine.Pages;
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
            throw new InvalidOperationException(
                "A default read transaction or tree reader reads nothing. Begin one with Database.BeginRead.");
        }

        throw new ObjectDisposedException(
            nameof(ReadTransaction),
            "The read transaction has ended (disposed, its callback returned, or its database was closed).");
    }

    /// <summary>For what only counted trees can do.</summary>
    public static void UnlessCounted(in TreeRecord tree)
    {
        if ((tree.Flags & TreeFlags.Counted) == 0)
        {
            NotCounted();
        }
    }

    [DoesNotReturn]
    private static void NotCounted() =>
        throw new InvalidOperationException(
            "The tree does not count its entries: only a walk over them could tell. Create it with "
            + "TreeOptions.Counted.");

    [DoesNotReturn]
    public static void NoPosition() =>
        throw new InvalidOperationException(
            "The cursor stands on no entry. Move it first, and look at what the move returns.");
}
