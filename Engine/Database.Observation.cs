using Engine.Space;
using Engine.Storage;
using Engine.Transactions;

namespace Engine;

/// <content>How the database is, for those who watch over it.</content>
public sealed partial class Database
{
    private LateEvent<DatabasePoisonedEventArgs> _poisoned = null!;
    private LateEvent<MetaRejectedEventArgs> _metaRejected = null!;

    /// <summary>
    /// The database accepts no further commit: a write to the disk has failed, and whether the last commit is there is
    /// not known. Raised once, on a thread of the pool; a handler that is added later is called at once.
    /// </summary>
    /// <remarks>What a handler throws on a thread of the pool is traced.</remarks>
    /// <example>
    /// <code>
    /// using var db = Database.Open("app.db");
    /// db.Poisoned += (_, poisoned) => Console.Error.WriteLine(poisoned.Exception.Message);
    /// </code>
    /// </example>
    public event EventHandler<DatabasePoisonedEventArgs>? Poisoned
    {
        add => _poisoned.Add(value);
        remove => _poisoned.Remove(value);
    }

    /// <summary>
    /// A meta was not taken: what a crash cut off, or damage; <see cref="Recovery"/> has the last one. As that happens
    /// at opening, a handler is called at once when it is added, if it has happened. A database that is open read-only
    /// raises it as well, on a thread of the pool, when another process that wrote was killed, and it came across what
    /// that left.
    /// </summary>
    /// <remarks>What a handler throws on a thread of the pool is traced.</remarks>
    public event EventHandler<MetaRejectedEventArgs>? MetaRejected
    {
        add => _metaRejected.Add(value);
        remove => _metaRejected.Remove(value);
    }

    /// <summary>
    /// How many read transactions and snapshots there can be at a time, of all processes together. (Read transactions
    /// on a snapshot are not counted.)
    /// </summary>
    public static int MaxReaders => LockLayout.SlotCount;

    /// <summary>What can be done with the database. Costs nothing.</summary>
    public DatabaseState State => Core.IsDisposed ? DatabaseState.Closed
        : Core.Writer?.PoisonReason is not null ? DatabaseState.Poisoned
        : DatabaseState.Open;

    /// <summary>
    /// Who reads: the read transactions and snapshots that are open, in this process and in others, the one with the
    /// oldest state first. Reads no file and waits for nobody, so a health check may call it; takes some microseconds,
    /// and some more for each reader of another process. What it tells may have changed when it is read. Thread-safe.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The database was closed.</exception>
    /// <example>
    /// <code>
    /// foreach (var reader in db.GetReaders())
    ///     Console.WriteLine($"{reader}: {reader.AgeInTransactions} transactions old, keeps {reader.Pages} pages");
    /// </code>
    /// </example>
    public IReadOnlyList<DatabaseReader> GetReaders()
    {
        Core.ThrowIfDisposed();

        // First: a reader that begins later is not older than this.
        var newest = Core.Published.Id;
        var slots = Core.LockFile.Readers.Describe().ToList();
        var own = Core.Readers.DescribeOwn(slots.Count == 0 ? 0 : slots[^1].Slot + 1);
        var tracked = _open?.ListReaders();
        var usage = slots.Count == 0 ? null : Core.Writer?.MeasurePins();
        var readers = slots.ConvertAll(slot => Describe(slot, newest, own[slot.Slot], tracked, usage));
        GC.KeepAlive(Core);
        readers.Sort(static (x, y) => (x.TransactionId ?? ulong.MaxValue).CompareTo(y.TransactionId ?? ulong.MaxValue));
        return readers;
    }

    /// <summary>
    /// Who holds the space: the reader that keeps the most pages from being reused; the oldest, if several keep the
    /// same. With <see cref="DatabaseOptions.TrackTransactions"/> it says where it was opened. As
    /// <see cref="GetReaders"/>.
    /// </summary>
    /// <returns>Null if no reader keeps any, or if <see cref="DatabaseReader.Pages"/> is not known.</returns>
    /// <exception cref="ObjectDisposedException">The database was closed.</exception>
    public DatabaseReader? FindLargestHolder() => LargestOf(GetReaders());

    private static DatabaseReader? LargestOf(IReadOnlyList<DatabaseReader> readers) =>
        readers.Where(static reader => reader.Pages > 0).MaxBy(static reader => reader.Pages);

    private DatabaseReader Describe(
        in ReaderInfo slot,
        ulong newest,
        (TransactionKind Kind, string? Tag) own,
        Dictionary<int, OpenTransaction>? tracked,
        IReadOnlyDictionary<ulong, PinPages>? usage)
    {
        var id = slot.TransactionId;
        var pages = usage is null || id == 0 ? default(PinPages?) : usage.GetValueOrDefault(id);

        // One that was tracked in this slot before has another id, or the same and is as good.
        var origin = slot.IsOwn && tracked?.GetValueOrDefault(slot.Slot) is { } found && found.TransactionId == id
            ? found
            : null;
        return new DatabaseReader
        {
            Slot = slot.Slot,
            ProcessId = slot.ProcessId,
            IsOwn = slot.IsOwn,
            IsAlive = slot.Liveness switch
            {
                ProcessLiveness.Alive => true,
                ProcessLiveness.Unknown => null,
                _ => false,
            },
            TransactionId = id == 0 ? null : id,
            AgeInTransactions = id == 0 || id >= newest ? 0 : (long)(newest - id),
            OutdatedFor = id == 0 ? TimeSpan.Zero : Core.Times.SinceSuperseded(id),
            Kind = slot.IsOwn ? own.Kind : null,
            Tag = slot.IsOwn ? own.Tag : null,
            Age = origin is null ? null : TimeSpan.FromMilliseconds(Core.Options.Clock() - origin.Since),
            OpenedAt = origin is null ? null : CallSite.Describe(origin.Origin),
            ActivityId = origin?.ActivityId,
            Pages = pages?.Pages,
            PagesAlone = pages?.Alone,
        };
    }

    /// <summary>Lets the core tell what happens to it.</summary>
    private void Observe()
    {
        _poisoned = new(this);
        _metaRejected = new(this);
        Core.WhenPoisoned = poison => _poisoned.Raise(new(poison));
        Core.WhenRejected = TellRejected;
        if (Core.Options.IsObserved)
        {
            Core.Telemetry.Start(new Measures(this), Core.Published.Id);
        }

        if (Core.RecoveryReport is { } report)
        {
            TellRejected(report);
        }

        if (Core.Writer?.PoisonReason is { } poison)
        {
            // By the background, between its opening and this.
            _poisoned.Raise(new(poison));
        }
    }

    private void TellRejected(RecoveryReport report)
    {
        Core.Telemetry.NoteRejected(report.ToString());
        _metaRejected.Raise(new(report));
    }
}
