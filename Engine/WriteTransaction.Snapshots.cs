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
