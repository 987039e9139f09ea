using Engine.Transactions;

namespace Engine;

/// <content>Named snapshots.</content>
public sealed partial class WriteTransaction
{
    /// <summary>
    /// Gives the state that this transaction becomes a name, in the very commit that makes it: the two are there
    /// together, or neither is. What the transaction writes afterwards is part of that state, too; what others write
    /// after its commit is not, though they might share its flush.
    /// </summary>
    /// <param name="name">The name; see <see cref="Database.CreateSnapshot(string)"/>.</param>
    /// <exception cref="SnapshotExistsException">There is a named snapshot of that name.</exception>
    /// <exception cref="KeyTooLongException">The name is too long.</exception>
    /// <exception cref="ArgumentException">The name is empty or no whole characters.</exception>
    public void CreateSnapshot(string name)
    {
        using var entered = EnterToName(name, out var context, out var key);
        context.NameThis(key, SnapshotKind.Snapshot);
    }

    /// <summary>Gives a state that a snapshot keeps a name.</summary>
    /// <param name="name">The name; see <see cref="Database.CreateSnapshot(string)"/>.</param>
    /// <param name="snapshot">
    /// A snapshot of this database, named or not. It may be disposed as soon as this returns.
    /// </param>
    /// <exception cref="SnapshotExistsException">There is a named snapshot of that name.</exception>
    /// <exception cref="KeyTooLongException">The name is too long.</exception>
    /// <exception cref="ArgumentException">
    /// The name is empty or no whole characters, or the snapshot is one of another database.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The snapshot was disposed.</exception>
    public void CreateSnapshot(string name, Snapshot snapshot)
    {
        _database.CheckOwn(snapshot);
        snapshot.RequireOpen();
        using var entered = EnterToName(name, out var context, out var key);
        context.NameOther(key, SnapshotKind.Snapshot, snapshot.Pin);
    }

    /// <summary>Gives up a named snapshot.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Whether there was one.</returns>
    public bool DeleteSnapshot(string name)
    {
        var key = _database.ToSnapshotName(name);
        using var entered = Enter(out var context);
        return context.Unname(key);
    }

    /// <summary>Gives a named snapshot another name.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="newName">The one that it is to have.</param>
    /// <exception cref="SnapshotNotFoundException">There is none of that name.</exception>
    /// <exception cref="SnapshotExistsException">There is one of the new name.</exception>
    /// <exception cref="KeyTooLongException">The new name is too long.</exception>
    public void RenameSnapshot(string name, string newName)
    {
        var from = _database.ToSnapshotName(name);
        var to = _database.ToSnapshotName(newName);
        using var entered = Enter(out var context);
        if (!context.TryFindSnapshot(from, out _))
        {
            throw Database.SnapshotNotFound(name);
        }

        if (name != newName)
        {
            RequireFree(context, to);
            context.RenameSnapshot(from, to);
        }
    }

    /// <summary>
    /// Makes all trees what they are in a snapshot: entries, names, codecs, indexes. What the transaction has written
    /// before goes, too; a savepoint brings it back. Costs what differs, and writes that anew; of trees that were
    /// dropped since, all. Sequences stay where they are, since their numbers were given, and so do named snapshots.
    /// </summary>
    /// <param name="snapshot">A snapshot of this database, named or not.</param>
    /// <exception cref="ArgumentException">The snapshot is one of another database.</exception>
    /// <exception cref="InvalidOperationException">A load of a tree is under way.</exception>
    /// <exception cref="ObjectDisposedException">The snapshot was disposed.</exception>
    public void RollBackTo(Snapshot snapshot)
    {
        _database.CheckOwn(snapshot);
        using var read = snapshot.BeginRead();
        using var entered = Enter(out var context);
        context.Restore(read.Context());
    }

    /// <summary>Makes a consumer of changes that has seen all up to a snapshot's state.</summary>
    /// <param name="consumer">Its name; see <see cref="Database.CreateSnapshot(string)"/>.</param>
    /// <param name="after">A snapshot of this database.</param>
    /// <exception cref="SnapshotExistsException">There is a snapshot, or a consumer, of that name.</exception>
    /// <exception cref="KeyTooLongException">The name is too long.</exception>
    /// <exception cref="ArgumentException">
    /// The name is empty or no whole characters, or the snapshot is one of another database.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The snapshot was disposed.</exception>
    public void CreateConsumer(string consumer, Snapshot after)
    {
        _database.CheckOwn(after);
        after.RequireOpen();
        using var entered = EnterToName(consumer, out var context, out var name);
        context.NameOther(name, SnapshotKind.Consumer, after.Pin);
    }

    /// <summary>
    /// Has a consumer's position move behind a change in this transaction's commit: what the transaction writes and
    /// that the change was seen are there together, or neither is. Changes before it count as seen, too.
    /// </summary>
    /// <param name="change">A change that <see cref="Database.ConsumeChanges"/> gave, still in hand.</param>
    /// <exception cref="ArgumentException">The change is no consumer's, or of another database.</exception>
    /// <exception cref="ConsumerMovedException">Something else consumes by this name, or it was deleted.</exception>
    /// <exception cref="ObjectDisposedException">The enumeration has moved on.</exception>
    public void Complete(StateChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        _database.CheckOwn(change.Newer);
        var name = _database.ToSnapshotName(change.Consumer ?? throw new ArgumentException(
            "The change is nobody's: only ConsumeChanges gives changes that are completed.", nameof(change)));
        using var entered = Enter(out var context);
        if (!context.TryFindSnapshot(name, out var named) || named.Kind != SnapshotKind.Consumer)
        {
            throw ConsumerGone(name);
        }

        if (change.TakenBy == this && named.Id == change.Newer.TransactionId)
        {
            return;
        }

        if (named.Id > change.Older.TransactionId)
        {
            throw new ConsumerMovedException(
                $"Consumer '{name.Text}' has come to transaction {named.Id} already, and change {change} was to be "
                + "completed: something else consumes by this name. Give each its own.");
        }

        change.TakenBy = this;
        context.NameOther(name, SnapshotKind.Consumer, change.Newer.Pin);
    }

    /// <summary>As <see cref="CreateConsumer"/>, unless there is one of that name by now.</summary>
    internal bool TryCreateConsumer(string consumer, Snapshot after)
    {
        using (Enter(out var context))
        {
            if (context.TryFindSnapshot(_database.ToSnapshotName(consumer), out var named)
                && named.Kind == SnapshotKind.Consumer)
            {
                return false;
            }
        }

        CreateConsumer(consumer, after);
        return true;
    }

    internal static ConsumerMovedException ConsumerGone(SnapshotName name) =>
        new($"There is no consumer '{name.Text}' any more: it was deleted, or has another name.");

    private static void RequireFree(WriteContext context, SnapshotName name)
    {
        if (context.TryFindSnapshot(name, out var named))
        {
            throw new SnapshotExistsException(
                $"There is a named snapshot '{name.Text}' already, of transaction {named.Id}. Delete it first, or "
                + "choose another name.");
        }
    }

    private TransactionScope EnterToName(string name, out WriteContext context, out SnapshotName key)
    {
        key = _database.ToSnapshotName(name);
        var entered = Enter(out context);
        try
        {
            RequireFree(context, key);
            return entered;
        }
        catch
        {
            entered.Dispose();
            throw;
        }
    }
}
