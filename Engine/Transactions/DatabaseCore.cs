using System.Diagnostics.CodeAnalysis;
using Engine.Diagnostics;
using Engine.Pages;
using Engine.Storage;

namespace Engine.Transactions;

/// <summary>
/// An open database below its public face: its file, the state that readers begin on, and what this process does in it.
/// docs/design.md tells the protocol; its parts are the <see cref="DatabaseReaders"/>, the <see cref="DatabaseWriter"/>
/// or, if it is open read-only, the <see cref="DatabaseFollower"/>; opening and closing are here.
/// </summary>
internal sealed partial class DatabaseCore : IDisposable
{
    private readonly Lock _closing = new();
    private readonly DatabaseRole _role;
    private PublishedState _published;
    private PublishedState _newest = null!;
    private ulong[] _ownPins = new ulong[64];
    private ulong _landing;
    private volatile bool _isDisposed;

    public string Name => Storage.Name;

    public IStorage Storage { get; }

    public DatabaseOptions Options { get; }

    public LockFile LockFile { get; }

    /// <summary>The file, for those who read it beside the map, too (the integrity check).</summary>
    public IStorageFile File { get; }

    public Superblock Superblock { get; }

    public int PageSize => Superblock.PageSize;

    public MapGenerations Maps { get; }

    /// <summary>What was verified since the database was opened.</summary>
    public VerifiedPages VerifiedPages { get; }

    public DatabaseReaders Readers { get; }

    /// <summary>Wakes those who wait for the next durable state of a writer.</summary>
    public StateSignal DurableSignal { get; } = new();

    /// <summary>The one that writes; null if the database is open read-only.</summary>
    public DatabaseWriter? Writer => _role as DatabaseWriter;

    /// <summary>The newest published state.</summary>
    public PublishedState Published => Volatile.Read(ref _published);

    /// <summary>
    /// The newest state that the next transaction is begun on: the published one, or one whose flush is under way.
    /// </summary>
    public PublishedState Newest => Volatile.Read(ref _newest);

    /// <summary>The newest durable id.</summary>
    public ulong DurableId => _role.DurableId;

    /// <summary>What the opening came across besides the state that it took; null if there was nothing.</summary>
    public RecoveryReport? RecoveryReport => _role.RecoveryReport;

    public bool IsDisposed => _isDisposed;

    /// <summary>Called once, when everything has been given back.</summary>
    public Action? WhenClosed { get; set; }

    /// <summary>
    /// Called when the database has been poisoned, by whoever has done so, who may hold any lock: throws nothing, waits
    /// for nothing.
    /// </summary>
    public Action<DatabasePoisonedException>? WhenPoisoned { get; set; }

    /// <summary>
    /// As <see cref="WhenPoisoned"/>, when a read-only database has recovered anew and left something out.
    /// </summary>
    public Action<RecoveryReport>? WhenRejected { get; set; }

    /// <summary>What is told to those who listen to the process.</summary>
    public DatabaseTelemetry Telemetry { get; }

    /// <summary>When states were superseded.</summary>
    public StateTimes Times { get; }

    /// <summary>
    /// A state in flight that a newer one is accepted on top of, before it has landed. Set by who holds the gate.
    /// </summary>
    public ulong Landing
    {
        get => Volatile.Read(ref _landing);
        set => Volatile.Write(ref _landing, value);
    }

    /// <summary>
    /// From now on writers begin on this state, and its map stays. One at a time does this: who holds the gate.
    /// </summary>
    public void Accept(PublishedState state)
    {
        Maps.Use(state.Map, state.Id);
        Volatile.Write(ref _newest, state);
    }

    /// <summary>From now on readers begin on this state, which was accepted. One at a time publishes.</summary>
    public void Publish(PublishedState state)
    {
        Volatile.Write(ref _published, state);
        Times.Note(state.Id);
    }

    /// <summary>
    /// A state that will be published though it is not the newest one, if there is one; otherwise what was given.
    /// </summary>
    /// <param name="published">What is published, read before this is asked.</param>
    public ulong LandingAfter(ulong published) => Math.Max(published, Landing);

    /// <summary>The one that writes.</summary>
    /// <exception cref="InvalidOperationException">The database is open read-only.</exception>
    public DatabaseWriter RequireWriter()
    {
        ThrowIfDisposed();
        return Writer ?? throw new InvalidOperationException(
            $"'{Name}' is open read-only; open it for writing to change it.");
    }

    /// <summary>Refuses what would have to wait for the operation that this thread is in the middle of.</summary>
    public void RequireNoCallback() => _role.RequireNoCallback();

    public void ThrowIfDisposed()
    {
        if (_isDisposed)
        {
            ThrowDisposed();
        }
    }

    /// <summary>What the lock file knows of the last session that wrote to this very file.</summary>
    public LastSession AskLockFile() =>
        LockFile.IsAbout(File.Presence.Identity) ? LockFile.LastSessionOf(Superblock.FileId) : default;

    /// <summary>
    /// Refuses a state of a database that needs to be known better than this engine does. A writer of such a database
    /// is another one than any before: so this is looked at when the database is opened, and when a writer has come.
    /// </summary>
    public void RequireKnownAttributes(Meta meta, MapGeneration map)
    {
        if (meta.Catalog.Root != 0 && Superblock.Version == PageLayout.FormatVersion)
        {
            VerifiedPages.Ensure(meta.PageCount);
            var source = new PageSource(PageSize);
            source.Attach(map, meta.PageCount, meta.Id, VerifiedPages, dirty: null);
            CatalogSearch.CheckDatabase(source, meta.Catalog, Name);
        }
    }

    /// <summary>
    /// Unmaps the generations that no state pinned in this process uses. Who calls it is the one that publishes.
    /// </summary>
    public void ReleaseMaps()
    {
        while (Maps.HasOlder)
        {
            // In this order: who began on a state that is not the published one any more is seen.
            var (published, newest) = (Published.Id, Newest.Id);
            var count = LockFile.Readers.CollectOwnPins(_ownPins);
            if (count + 2 < _ownPins.Length)
            {
                _ownPins[count] = published;
                _ownPins[count + 1] = newest;
                _ownPins[count + 2] = LandingAfter(published);
                Maps.ReleaseUnpinned(_ownPins.AsSpan(0, count + 3));
                return;
            }

            _ownPins = new ulong[(count * 2) + 3];
        }
    }

    [DoesNotReturn]
    private static void ThrowDisposed() =>
        throw new ObjectDisposedException("Database", "The database was closed. Open it again to use it.");
}
