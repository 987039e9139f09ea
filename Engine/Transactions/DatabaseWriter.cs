using System.Diagnostics;
using System.Globalization;
using Engine.Pages;
using Engine.Space;
using Engine.Storage;

namespace Engine.Transactions;

/// <summary>
/// The one that writes: the gate that lets one transaction in at a time, the transaction, its commit, and what has been
/// promised of it. Its parts are the chapters of a database's life: open, commit, flush, settle, close.
/// </summary>
/// <remarks>
/// Invariants: D (<c>_durable</c>) is the newest state whose meta is on disk and flushed, in slot <c>_durableSlot</c>,
/// which no commit writes; N (<see cref="DatabaseCore.Published"/>) is the newest visible one; both are pinned in the
/// space manager. Only the holder of the gate commits; who flushes need not hold it.
/// </remarks>
internal sealed partial class DatabaseWriter : DatabaseRole
{
    private readonly DatabaseCore _core;
    private readonly DatabaseOptions _options;
    private readonly LockFile _lock;
    private readonly SessionFile _file;
    private readonly SpaceManager _space;
    private readonly PageFile _pages;
    private readonly WriteContext _context;
    private readonly Room _room;
    private readonly WriterGate _gate = new();

    /// <summary>
    /// Held by whoever begins to write, so that closing, which does not wait at the gate, waits for them. Before
    /// <see cref="_publishing"/>.
    /// </summary>
    private readonly Lock _beginning = new();

    /// <summary>Held by whoever publishes or flushes: one at a time, and closing waits for them.</summary>
    private readonly Lock _publishing = new();

    private PublishedState _durable;
    private int _durableSlot;
    private ulong _nextId;
    private ulong[] _pins = new ulong[64];
    private volatile DatabasePoisonedException? _poison;

    private DatabaseWriter(
        DatabaseCore core,
        SessionFile file,
        FileGrowth growth,
        SpaceManager space,
        PublishedState recovered,
        Meta meta,
        int slot)
    {
        _core = core;
        _options = core.Options;
        _telemetry = core.Telemetry;
        _growth = growth;
        _knownLength = growth.Length;
        _lock = core.LockFile;
        _file = file;
        _space = space;
        _durable = recovered;
        _durableSlot = slot;
        meta.Write(_metaBlock, core.Superblock);
        SpaceCounts = (space.ReusablePages, space.PendingPages);
        _flusher = new Flusher(_options.Clock, FlushIfDue, _options.HasFlusher);
        _pages = new PageFile(file, growth, core.VerifiedPages, core.PageSize);
        _room = new Room(Name, MakeRoom);
        _context = new WriteContext(core, _pages, space, _room, FlyBefore);
    }

    public override ulong DurableId => Durable.Id;

    /// <summary>The newest durable state.</summary>
    public PublishedState Durable => Volatile.Read(ref _durable);

    /// <summary>Reusable and pending pages when the newest state was published.</summary>
    public (ulong Reusable, ulong Pending) SpaceCounts { get; private set; }

    private string Name => _core.Name;

    private PublishedState Published => _core.Published;

    /// <summary>What commits have cost.</summary>
    public CommitCounters Counters { get; } = new();

    /// <summary>Why there will be no further commit; null if there may be.</summary>
    public DatabasePoisonedException? PoisonReason => _poison;

    /// <summary>How many wait for their turn to write.</summary>
    public int WaitingWriters => _gate.Waiting;

    /// <summary>Waits for the gate and starts a transaction.</summary>
    /// <param name="origin">Where that was asked for, if that is to be known.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public RunningWrite BeginWrite(StackTrace? origin, CancellationToken cancellationToken = default)
    {
        RequireNoCallback();
        return _gate.Enter(_options.WriterTimeout, cancellationToken) ? Begin(origin) : throw TimedOut();
    }

    /// <summary>Waits for the gate for some time, and starts a transaction if its turn comes.</summary>
    /// <returns>False if it did not come.</returns>
    public bool TryBeginWrite(TimeSpan timeout, StackTrace? origin, out RunningWrite running)
    {
        RequireNoCallback();
        if (!_gate.Enter(timeout))
        {
            running = default;
            return false;
        }

        running = Begin(origin);
        return true;
    }

    /// <summary>Waits for the gate without blocking a thread, and starts a transaction.</summary>
    public async ValueTask<RunningWrite> BeginWriteAsync(StackTrace? origin, CancellationToken cancellationToken)
    {
        RequireNoCallback();
        return await _gate.EnterAsync(_options.WriterTimeout, cancellationToken).ConfigureAwait(false)
            ? Begin(origin)
            : throw TimedOut();
    }

    /// <summary>
    /// Ends the transaction without a trace, leaves it and opens the gate. The caller has entered it.
    /// </summary>
    public void Abort()
    {
        try
        {
            AbortRunning();
        }
        finally
        {
            Leave();
        }
    }

    /// <inheritdoc/>
    public override void RequireNoCallback() => _context.State.RequireNoCallback();

    /// <summary>The transaction has ended: leaves it and opens the gate.</summary>
    private void Leave() => EndTurn(isComplete: false);

    /// <summary>The transaction has ended: leaves it and opens the gate.</summary>
    /// <param name="isComplete">
    /// Whether nobody may build on what is committed to memory before it is sealed: the gate opens to that one only.
    /// </param>
    private void EndTurn(bool isComplete)
    {
        try
        {
            if (!_context.IsRunning)
            {
                _core.Maps.ReleaseUnpublished();
            }
        }
        finally
        {
            // In this order: whoever comes through the gate must find the transaction free.
            _context.State.Exit();
            if (isComplete)
            {
                _gate.ExitToFirst();
                if (_poison is not null)
                {
                    // Who was to come has failed, perhaps before the gate was left to him.
                    _gate.EndReservation();
                }
            }
            else if (_keepsGate)
            {
                _isGateKept = true;
            }
            else
            {
                _gate.Exit();
            }
        }
    }

    private RunningWrite Begin(StackTrace? origin)
    {
        try
        {
            // Closing does not wait at the gate: it ends what it finds running under this lock, and what comes later
            // finds it closed.
            lock (_beginning)
            {
                ThrowIfUnusable();
                ReleaseIfDue();
                if (_context.IsRunning)
                {
                    _context.BeginMember(origin);
                }
                else
                {
                    _context.Begin(_core.Newest, _nextId, origin);
                }

                return new RunningWrite(_context, _context.State.Serial, _context.TransactionId);
            }
        }
        catch
        {
            _gate.Exit();
            throw;
        }
    }

    /// <summary>What is told to somebody whose turn did not come in time.</summary>
    public WriterTimeoutException TimedOut()
    {
        var seconds = _options.WriterTimeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        var holder = _context.Note.Describe(_options.Clock());
        return new WriterTimeoutException(
            $"The turn to write to '{Name}' did not come within {seconds} s; {WaitingWriters} more wait. {holder}");
    }

    /// <summary>Throws if there will be no further commit.</summary>
    public void ThrowIfUnusable()
    {
        _core.ThrowIfDisposed();
        ThrowIfPoisoned();
    }

    private void ThrowIfPoisoned()
    {
        if (_poison is { } poison)
        {
            throw new DatabasePoisonedException(poison.Message, poison);
        }
    }

    /// <summary>No further commit: what the disk holds is not known any more. Reopening decides.</summary>
    private DatabasePoisonedException Poison(Exception cause, string what)
    {
        var poison = new DatabasePoisonedException(
            $"{what} of '{Name}' failed ({cause.Message}); whether the last commit is on disk is unknown. No further "
            + "commit is accepted, readers go on. Close the database and open it again: recovery decides.",
            cause);
        var isFirst = _poison is null;
        _poison = poison;
        _core.DurableSignal.Set();
        if (isFirst)
        {
            _telemetry.NotePoison(poison.Message);
            _core.WhenPoisoned?.Invoke(poison);
        }

        return poison;
    }

    /// <summary>
    /// The id after the highest one. Ids that no database reaches are refused before one is made that no reader
    /// accepts.
    /// </summary>
    private static ulong NextTransactionId(ulong highestId, string name) =>
        highestId < Meta.MaxId ? highestId + 1 : throw ImpossibleId(highestId, name);

    private static DatabaseCorruptException ImpossibleId(ulong id, string name) =>
        new($"'{name}' names transaction {id}, which no database reaches. Restore it from a backup.");
}
