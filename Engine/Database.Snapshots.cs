using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using Engine.Transactions;

namespace Engine;

/// <content>
/// Named snapshots: states that are kept until their names are deleted, whatever is opened and closed.
/// </content>
public sealed partial class Database
{
    /// <summary>
    /// Gives the newest published state a name, and keeps it until that is deleted: also when the database is closed
    /// and opened again. Its pages are not reused meanwhile; those of states before and after it are. Costs a small
    /// commit, durable when this returns, whatever the size of the database. Thread-safe.
    /// </summary>
    /// <param name="name">
    /// Any non-empty string of whole characters (no half of a surrogate pair); its UTF-8 form has at most
    /// <see cref="MaxKeyLength"/> bytes. Consumers of changes have their names among those of snapshots.
    /// </param>
    /// <returns>The id of the transaction whose state it is.</returns>
    /// <exception cref="SnapshotExistsException">There is one of that name.</exception>
    /// <exception cref="KeyTooLongException">The name is too long.</exception>
    /// <exception cref="ArgumentException">The name is empty or no whole characters.</exception>
    /// <exception cref="InvalidOperationException">The database is open read-only.</exception>
    /// <example>
    /// <code>
    /// db.CreateSnapshot("before the import");
    /// // ... and days later, in whatever process:
    /// using var before = db.OpenSnapshot("before the import");
    /// byte[]? then = before.Main.Get("alice"u8);
    /// </code>
    /// </example>
    public ulong CreateSnapshot(string name)
    {
        _ = ToSnapshotName(name);
        _ = Core.RequireWriter();
        using var newest = OpenSnapshot();
        CreateSnapshot(name, newest);
        return newest.TransactionId;
    }

    /// <summary>As <see cref="CreateSnapshot(string)"/>, for the state of a snapshot that is open.</summary>
    /// <param name="name">The name.</param>
    /// <param name="snapshot">A snapshot of this database.</param>
    /// <exception cref="SnapshotExistsException">There is one of that name.</exception>
    /// <exception cref="KeyTooLongException">The name is too long.</exception>
    /// <exception cref="ArgumentException">
    /// The name is empty or no whole characters, or the snapshot is one of another database.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The snapshot was disposed.</exception>
    public void CreateSnapshot(string name, Snapshot snapshot)
    {
        using var transaction = BeginWrite();
        transaction.CreateSnapshot(name, snapshot);
        transaction.Commit();
    }

    /// <summary>
    /// Opens a named snapshot to read it, in any process that has the database open; deleting its name meanwhile does
    /// it no harm. Thread-safe.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <returns>The snapshot; dispose it when done.</returns>
    /// <exception cref="SnapshotNotFoundException">The newest published state has no such name.</exception>
    /// <exception cref="KeyTooLongException">No name is so long.</exception>
    /// <exception cref="ArgumentException">The name is empty or no whole characters.</exception>
    /// <exception cref="DatabaseCorruptException">The names cannot be read.</exception>
    public Snapshot OpenSnapshot(string name) =>
        TryOpenSnapshot(name, out var snapshot) ? snapshot : throw SnapshotNotFound(name);

    /// <summary>Opens a named snapshot as <see cref="OpenSnapshot(string)"/> does, if there is one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="snapshot">The snapshot; dispose it when done. Null if there is none of that name.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="KeyTooLongException">No name is so long.</exception>
    /// <exception cref="ArgumentException">The name is empty or no whole characters.</exception>
    /// <exception cref="DatabaseCorruptException">The names cannot be read.</exception>
    public bool TryOpenSnapshot(string name, [NotNullWhen(true)] out Snapshot? snapshot) =>
        TryOpenSnapshot(ToSnapshotName(name), kind: null, out snapshot);

    private bool TryOpenSnapshot(
        SnapshotName name, SnapshotKind? kind, [NotNullWhen(true)] out Snapshot? snapshot)
    {
        var token = Track(TransactionKind.Snapshot);
        var pin = Core.Readers.TryBeginNamed(name, kind, default(NoPause));
        if (pin is null)
        {
            token?.End();
            snapshot = null;
            return false;
        }

        token?.Begin(pin.State.Id, pin.Slot);
        pin.Tag = name.Text;
        snapshot = new Snapshot(this, pin, token);
        return true;
    }

    /// <summary>
    /// Keeps the pages of a named snapshot for a check. Null if the name is not that state's, or not to be found: what
    /// is no name, or damages the search for it, the check has reported.
    /// </summary>
    private Snapshot? HoldSnapshot(byte[] key, ulong id)
    {
        try
        {
            if (Utf8.IsValid(key)
                && TryOpenSnapshot(new SnapshotName(Encoding.UTF8.GetString(key), key), kind: null, out var held))
            {
                if (held.TransactionId == id)
                {
                    return held;
                }

                held.Dispose();
            }

            return null;
        }
        catch (DatabaseCorruptException)
        {
            return null;
        }
    }

    /// <summary>
    /// Deletes a named snapshot: what it alone kept is reused from the next commits on, unless somebody reads it. Costs
    /// a small commit, durable when this returns. Thread-safe.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="KeyTooLongException">No name is so long.</exception>
    /// <exception cref="ArgumentException">The name is empty or no whole characters.</exception>
    /// <exception cref="InvalidOperationException">The database is open read-only.</exception>
    public bool DeleteSnapshot(string name)
    {
        using var transaction = BeginWrite();
        var isThere = transaction.DeleteSnapshot(name);
        transaction.Commit();
        return isThere;
    }

    /// <summary>Gives a named snapshot another name, durably. Thread-safe.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="newName">The one that it is to have.</param>
    /// <exception cref="SnapshotNotFoundException">There is none of that name.</exception>
    /// <exception cref="SnapshotExistsException">There is one of the new name.</exception>
    /// <exception cref="KeyTooLongException">The new name is too long.</exception>
    /// <exception cref="InvalidOperationException">The database is open read-only.</exception>
    public void RenameSnapshot(string name, string newName)
    {
        using var transaction = BeginWrite();
        transaction.RenameSnapshot(name, newName);
        transaction.Commit();
    }

    /// <summary>
    /// Makes all trees what they are in a named snapshot, by a new commit, durable when this returns; see
    /// <see cref="WriteTransaction.RollBackTo(Snapshot)"/>. States in between that have names stay. Thread-safe.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <returns>The id of the committed state.</returns>
    /// <exception cref="SnapshotNotFoundException">There is none of that name.</exception>
    /// <exception cref="InvalidOperationException">The database is open read-only.</exception>
    public ulong RollBackTo(string name)
    {
        _ = Core.RequireWriter();
        using var snapshot = OpenSnapshot(name);
        using var transaction = BeginWrite();
        transaction.RollBackTo(snapshot);
        return transaction.Commit();
    }

    /// <summary>
    /// The named snapshots of the newest published state, ascending by the UTF-8 forms of their names. Thread-safe.
    /// </summary>
    /// <exception cref="DatabaseCorruptException">The names cannot be read.</exception>
    public IReadOnlyList<SnapshotInfo> ListSnapshots() =>
        Core.Readers.ListNamed().ConvertAll(static named => ToInfo(named.Name, named.State));

    /// <summary>
    /// What each named snapshot of the newest durable state keeps alone: of a consumer of changes, what it has not
    /// seen. Reads the space log, so it costs what that has, not what the database has. Thread-safe; waits for nobody.
    /// </summary>
    /// <exception cref="DatabaseCorruptException">The names or the space log cannot be read.</exception>
    public IReadOnlyList<SnapshotUsage> MeasureSnapshots()
    {
        var (names, alone) = NamedUsage.Measure(Core);
        return names.ConvertAll(named =>
        {
            var pages = (long)alone.GetValueOrDefault(named.State.Id);
            return new SnapshotUsage(ToInfo(named.Name, named.State), pages, pages * PageSize);
        });
    }

    internal static SnapshotNotFoundException SnapshotNotFound(string name) =>
        new($"There is no named snapshot '{name}'. ListSnapshots tells those that there are.");

    private static SnapshotInfo ToInfo(string name, in NamedState state) =>
        new(name, state.Id, state.CreatedAt, state.Kind);

    internal SnapshotName ToSnapshotName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var key = KeyCodec.Utf8.Encode(name);
        return key.Length <= MaxKeyLength
            ? new SnapshotName(name, key)
            : throw new KeyTooLongException(key.Length, MaxKeyLength);
    }
}
