using System.Runtime.CompilerServices;
using Engine.Transactions;

namespace Engine;

#pragma warning disable RS0026 // The overloads are told apart by what they require, whatever is left out.

/// <content>The feed of changes.</content>
public sealed partial class Database
{
    /// <summary>
    /// A database that another process writes is looked at so often, in milliseconds, and less if it rests.
    /// </summary>
    private const int ShortestLook = 10;
    private const int LongestLook = 320;

    /// <summary>
    /// The states that are committed from now on, in order, each with its difference to the one before. Whoever is too
    /// slow gets several at once, joined: that costs what changed in all, never what was committed. A state is told
    /// when it is durable; deferred commits are, when they are flushed. Commits that change no tree of the program's
    /// are not told. The enumeration waits for the next state until it is cancelled; while it is in the hands of the
    /// loop, the pages of both states are kept. Thread-safe; each enumeration is one of its own.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting, with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="DatabasePoisonedException">A commit failed: nothing will follow.</exception>
    /// <exception cref="ObjectDisposedException">The database was closed.</exception>
    /// <example>
    /// <code>
    /// await foreach (var change in db.Changes(stopping))
    /// {
    ///     foreach (var tree in change.Trees)
    ///     {
    ///         foreach (var entry in change.ChangesIn(tree))
    ///         {
    ///             Console.WriteLine($"{change.TransactionId} {tree.Name}: {entry.Kind}");
    ///         }
    ///     }
    /// }
    /// </code>
    /// </example>
    public IAsyncEnumerable<StateChange> Changes(CancellationToken cancellationToken = default) =>
        Follow(OpenSnapshot, cancellationToken);

    /// <summary>
    /// As <see cref="Changes(CancellationToken)"/>, beginning with what changed since a snapshot was opened, or named.
    /// </summary>
    /// <param name="after">
    /// A snapshot of this database. It may be disposed when the enumeration has begun.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentException">The snapshot is one of another database.</exception>
    /// <exception cref="ObjectDisposedException">The snapshot was disposed, or the database was closed.</exception>
    public IAsyncEnumerable<StateChange> Changes(Snapshot after, CancellationToken cancellationToken = default)
    {
        CheckOwn(after);
        return Follow(after.Share, cancellationToken);
    }

    /// <summary>
    /// As <see cref="Changes(Snapshot, CancellationToken)"/>, for who keeps a copy of everything: trees that follow
    /// from others are told, too, and so is every state, though it may have no changes at all.
    /// </summary>
    /// <param name="after">A snapshot of this database. It may be disposed when the enumeration has begun.</param>
    /// <param name="includeInternal">As for <see cref="Snapshot.GetChangedTrees"/>; then all states are told.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentException">The snapshot is one of another database.</exception>
    /// <exception cref="ObjectDisposedException">The snapshot was disposed, or the database was closed.</exception>
    public IAsyncEnumerable<StateChange> Changes(
        Snapshot after, bool includeInternal, CancellationToken cancellationToken = default)
    {
        CheckOwn(after);
        return Follow(after.Share, cancellationToken, includeInternal);
    }

    /// <summary>
    /// As <see cref="Changes(CancellationToken)"/>, beginning with what changed since the state of a transaction, which
    /// must be kept: one that has the trees of the newest one, or one that has a name.
    /// </summary>
    /// <param name="after">The transaction's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="SnapshotNotFoundException">The state is not kept.</exception>
    public IAsyncEnumerable<StateChange> Changes(ulong after, CancellationToken cancellationToken = default) =>
        Follow(() => OpenState(after), cancellationToken);

    /// <summary>
    /// Consumes changes by a name, durably: what the consumer has not completed is kept and told, after a restart, too.
    /// A change is completed when the loop asks for the next one, by a small commit; so whatever a crash interrupts is
    /// told again. A handler that writes to this database has its own transaction complete the change
    /// (<see cref="WriteTransaction.Complete"/>), and has seen each change exactly once. A consumer that is new begins
    /// with the newest state; <see cref="CreateConsumer"/> has it begin elsewhere.
    /// </summary>
    /// <param name="consumer">
    /// Its name, one of the names of snapshots; see <see cref="CreateSnapshot(string)"/>.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting, with <see cref="OperationCanceledException"/>.</param>
    /// <remarks>
    /// Changes are those of <see cref="Changes(CancellationToken)"/>. A change that a transaction was to complete which
    /// was then aborted is told again. A consumer that nobody serves keeps pages: <see cref="MeasureSnapshots"/> tells
    /// how many, and <see cref="DeleteSnapshot"/> ends it. Two loops that consume by one name at the same time disturb
    /// each other: the slower one gets <see cref="ConsumerMovedException"/>.
    /// </remarks>
    /// <exception cref="SnapshotExistsException">The name is that of a snapshot.</exception>
    /// <exception cref="ConsumerMovedException">
    /// Something else consumes by this name, or it was deleted meanwhile.
    /// </exception>
    /// <exception cref="InvalidOperationException">The database is open read-only.</exception>
    /// <example>
    /// <code>
    /// await foreach (var change in db.ConsumeChanges("totals", stopping))
    /// {
    ///     await db.WriteAsync(tx =>
    ///     {
    ///         AddUp(tx, change);
    ///         tx.Complete(change);     // in the same commit: exactly once
    ///         return true;
    ///     });
    /// }
    /// </code>
    /// </example>
    public IAsyncEnumerable<StateChange> ConsumeChanges(
        string consumer, CancellationToken cancellationToken = default)
    {
        var name = ToSnapshotName(consumer);
        _ = Core.RequireWriter();
        return Consume(name, cancellationToken);
    }

    /// <summary>
    /// Makes a consumer of changes that has seen all up to a snapshot's state. Durable when this returns.
    /// </summary>
    /// <param name="consumer">Its name.</param>
    /// <param name="after">A snapshot of this database.</param>
    /// <exception cref="SnapshotExistsException">There is a snapshot, or a consumer, of that name.</exception>
    /// <exception cref="KeyTooLongException">The name is too long.</exception>
    /// <exception cref="ArgumentException">
    /// The name is empty or no whole characters, or the snapshot is one of another database.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The snapshot was disposed.</exception>
    /// <exception cref="InvalidOperationException">The database is open read-only.</exception>
    public void CreateConsumer(string consumer, Snapshot after)
    {
        using var transaction = BeginWrite();
        transaction.CreateConsumer(consumer, after);
        transaction.Commit();
    }

    private async IAsyncEnumerable<StateChange> Follow(
        Func<Snapshot> start,
        [EnumeratorCancellation] CancellationToken cancellationToken,
        bool includeInternal = false)
    {
        var older = start();
        try
        {
            while (true)
            {
                var newer = await OpenNext(older.TransactionId, cancellationToken).ConfigureAwait(false);
                try
                {
                    var trees = newer.GetChangedTrees(older, includeInternal);
                    if (trees.Count > 0 || includeInternal)
                    {
                        yield return new StateChange(older, newer, trees);
                    }
                }
                finally
                {
                    older.Dispose();
                    older = newer;
                }
            }
        }
        finally
        {
            older.Dispose();
        }
    }

    private async IAsyncEnumerable<StateChange> Consume(
        SnapshotName name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ulong seen = 0;
        for (var isNew = true; ; isNew = false)
        {
            using var older = await OpenPosition(name, isNew, cancellationToken).ConfigureAwait(false);
            using var newer =
                await OpenNext(Math.Max(seen, older.TransactionId), cancellationToken).ConfigureAwait(false);
            var trees = newer.GetChangedTrees(older);
            if (trees.Count == 0)
            {
                // Nothing to be kept for either: the consumer need not move, which would be a commit.
                seen = newer.TransactionId;
                continue;
            }

            var change = new StateChange(older, newer, trees, name.Text);
            yield return change;
            if (change.TakenBy is null)
            {
                await WriteAsync(
                    change,
                    static (transaction, change) =>
                    {
                        transaction.Complete(change);
                        return true;
                    },
                    cancellationToken: cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Opens the state that a consumer has seen.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="mayBeMade">Whether it begins here if there is none.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    private async ValueTask<Snapshot> OpenPosition(
        SnapshotName name, bool mayBeMade, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryOpenSnapshot(name, SnapshotKind.Consumer, out var position))
            {
                return position;
            }

            if (!mayBeMade)
            {
                // One that was made anew here would not see what was committed meanwhile.
                throw WriteTransaction.ConsumerGone(name);
            }

            using var newest = OpenSnapshot();
            await WriteAsync(
                (Name: name.Text, Newest: newest),
                static (transaction, start) => transaction.TryCreateConsumer(start.Name, start.Newest),
                cancellationToken: cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Opens the newest durable state, when it is newer than one.</summary>
    private async ValueTask<Snapshot> OpenNext(ulong after, CancellationToken cancellationToken)
    {
        for (var look = ShortestLook; ; look = Math.Min(2 * look, LongestLook))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var next = Core.Writer is null ? null : Core.DurableSignal.Next();
            if (Core.DurableId > after || Core.Writer is null)
            {
                var newest = OpenDurable();
                if (newest.TransactionId > after)
                {
                    return newest;
                }

                newest.Dispose();
            }

            Core.Writer?.ThrowIfUnusable();
            await (next?.WaitAsync(cancellationToken) ?? Task.Delay(look, cancellationToken)).ConfigureAwait(false);
        }
    }

    private Snapshot OpenDurable()
    {
        var token = Track(TransactionKind.Snapshot);
        var pin = Core.Readers.BeginDurable();
        token?.Begin(pin.State.Id, pin.Slot);
        return new Snapshot(this, pin, token);
    }

    private Snapshot OpenState(ulong id)
    {
        var newest = OpenSnapshot();
        if (id == newest.TransactionId || id == newest.State.LastChanged)
        {
            // The latter is the same state, which a database that rested, or was closed, has under a newer id.
            return newest;
        }

        newest.Dispose();
        foreach (var named in ListSnapshots())
        {
            if (named.TransactionId == id && TryOpenSnapshot(named.Name, out var snapshot))
            {
                if (snapshot.TransactionId == id)
                {
                    return snapshot;
                }

                snapshot.Dispose();
            }
        }

        throw new SnapshotNotFoundException(
            $"The state of transaction {id} is not kept: it is neither the newest nor has it a name.");
    }
}
