using Engine.Transactions;
using Engine.Trees;

namespace Engine;

/// <content>Trees whose entries expire.</content>
public sealed partial class Database
{
    /// <summary>
    /// So many entries a transaction of <see cref="RemoveExpired"/> removes: others may write between two.
    /// </summary>
    private const int CleanedAtOnce = 256;

    /// <summary>The time now, in milliseconds since 1970.</summary>
    internal ulong UnixTime => ExpiryForm.Now(Core.Options.TimeProvider);

    /// <summary>
    /// The name of an expiring tree as a handle. As <see cref="GetTree(string)"/>, this does no I/O and creates nothing
    /// (<see cref="WriteTransaction.CreateExpiringTree"/> does). Keep the handle. Thread-safe.
    /// </summary>
    /// <param name="name">As for <see cref="GetTree(string)"/>. (The default tree, which has no name, is none.)</param>
    /// <exception cref="KeyTooLongException">The name is too long.</exception>
    /// <exception cref="ArgumentException">The name is empty or no whole characters.</exception>
    public ExpiringTree GetExpiringTree(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new ExpiringTree(NewTree(name, TreeForm.Expiring));
    }

    /// <summary>
    /// Removes entries of an expiring tree that have expired, those first that have done so first, in transactions of
    /// 256 entries: so others who write wait for one of them at the most. Commits that write to the tree clean it as
    /// well; this is for one that is not written to for long, or to get room back now. Begins no transaction if there
    /// is nothing to remove. Thread-safe.
    /// </summary>
    /// <param name="tree">The tree.</param>
    /// <param name="maxEntries">No more than so many.</param>
    /// <param name="mode">What the commits promise.</param>
    /// <param name="cancellationToken">
    /// Ends the work between two transactions, and the waiting for one; what was removed until then stays removed.
    /// </param>
    /// <returns>How many entries were removed.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    /// <exception cref="TreeOptionsException">It is no expiring one.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    /// <exception cref="InvalidOperationException">The database is open read-only.</exception>
    public long RemoveExpired(
        ExpiringTree tree,
        long maxEntries = long.MaxValue,
        CommitMode mode = CommitMode.Durable,
        CancellationToken cancellationToken = default)
    {
        RequireCleanable(tree, maxEntries);
        var removed = 0L;
        while (removed < maxEntries && HasExpired(tree, cancellationToken))
        {
            var piece = (int)Math.Min(CleanedAtOnce, maxEntries - removed);
            var done = Write(
                (tree, piece),
                static (tx, call) => tx[call.tree].RemoveExpired(call.piece),
                mode,
                cancellationToken);
            removed += done;
            if (done < piece)
            {
                break;
            }
        }

        return removed;
    }

    /// <summary>As <see cref="RemoveExpired"/>, without blocking a thread of the pool.</summary>
    /// <inheritdoc cref="RemoveExpired"/>
    public async ValueTask<long> RemoveExpiredAsync(
        ExpiringTree tree,
        long maxEntries = long.MaxValue,
        CommitMode mode = CommitMode.Durable,
        CancellationToken cancellationToken = default)
    {
        RequireCleanable(tree, maxEntries);
        var removed = 0L;
        while (removed < maxEntries && HasExpired(tree, cancellationToken))
        {
            var piece = (int)Math.Min(CleanedAtOnce, maxEntries - removed);
            var done = await WriteAsync(
                (tree, piece),
                static (tx, call) => tx[call.tree].RemoveExpired(call.piece),
                mode,
                cancellationToken).ConfigureAwait(false);
            removed += done;
            if (done < piece)
            {
                break;
            }
        }

        return removed;
    }

    private void RequireCleanable(ExpiringTree tree, long maxEntries)
    {
        ArgumentNullException.ThrowIfNull(tree);
        ArgumentOutOfRangeException.ThrowIfNegative(maxEntries);
        CheckOwn(tree.Entries);
        _ = Core.RequireWriter();
    }

    private bool HasExpired(ExpiringTree tree, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var read = BeginRead();
        return read[tree].HasExpired();
    }
}
