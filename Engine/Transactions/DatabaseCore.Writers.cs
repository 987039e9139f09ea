using System.Diagnostics;
using System.Globalization;

namespace Engine.Transactions;

/// <content>Who may write: the gate, and the beginning and the end of transactions.</content>
internal sealed partial class DatabaseCore
{
    private readonly WriterGate _gate = new();

    /// <summary>
    /// Held by whoever begins to write, so that closing, which does not wait at the gate, waits for them. Before <see
    /// cref="_publishing"/>.
    /// </summary>
    private readonly Lock _beginning = new();
    private WriteContext _writeContext = null!;

    /// <summary>How many wait for their turn to write.</summary>
    public int WaitingWriters => _gate.Waiting;

    /// <summary>Waits for the gate and starts a transaction.</summary>
    public RunningWrite BeginWrite()
    {
        RequireWritable();
        var origin = NoteOrigin();
        return _gate.Enter(_options.WriterTimeout) ? Begin(origin) : throw TimedOut();
    }

    /// <summary>Waits for the gate for some time, and starts a transaction if its turn comes.</summary>
    /// <returns>False if it did not come.</returns>
    public bool TryBeginWrite(TimeSpan timeout, out RunningWrite running)
    {
        RequireWritable();
        var origin = NoteOrigin();
        if (!_gate.Enter(timeout))
        {
            running = default;
            return false;
        }

        running = Begin(origin);
        return true;
    }

    /// <summary>Waits for the gate without blocking a thread, and starts a transaction.</summary>
    public async ValueTask<RunningWrite> BeginWriteAsync(CancellationToken cancellationToken)
    {
        RequireWritable();
        var origin = NoteOrigin();
        return await _gate.EnterAsync(_options.WriterTimeout, cancellationToken).ConfigureAwait(false)
            ? Begin(origin)
            : throw TimedOut();
    }

    /// <summary>
    /// Ends the transaction without a trace, leaves its context and opens the gate. The caller has entered the context.
    /// </summary>
    public void Abort()
    {
        try
        {
            _writeContext.Abort();
            _maps.ReleaseUnpublished();
        }
        finally
        {
            // In this order: whoever comes through the gate must find the context free.
            _writeContext.Exit();
            _gate.Exit();
        }
    }

    /// <summary>
    /// Refuses what would have to wait for the operation that this thread is in the middle of, and what a read-only
    /// database cannot do.
    /// </summary>
    public void RequireNoCallback() => _writeContext?.RequireNoCallback();

    private void RequireWritable()
    {
        ThrowIfReadOnly();
        RequireNoCallback();
    }

    // With the frames of the engine: how many there are depends on what was inlined.
    private StackTrace? NoteOrigin() => _options.TrackTransactions ? new StackTrace(fNeedFileInfo: true) : null;

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
                _writeContext.Begin(_published, _nextId, origin);
                return new RunningWrite(_writeContext, _writeContext.Serial, _writeContext.TransactionId);
            }
        }
        catch
        {
            _gate.Exit();
            throw;
        }
    }

    private WriterTimeoutException TimedOut()
    {
        var seconds = _options.WriterTimeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        var holder = _writeContext.Note.Describe(_options.Clock());
        return new WriterTimeoutException(
            $"The turn to write to '{Name}' did not come within {seconds} s; {WaitingWriters} more wait. {holder}");
    }
}
