using System.Diagnostics.CodeAnalysis;

namespace Engine.Transactions;

/// <summary>
/// What a write transaction is in the middle of, and whether it may go on: it has ended or runs, it has failed or is
/// intact, and one operation at a time is in it. Every use of the transaction enters here and leaves by the
/// <see cref="TransactionScope"/> that it got. One per database, as the <see cref="WriteContext"/> is.
/// </summary>
internal sealed class TransactionState
{
    private const string FillRule =
        "The callback that fills a value runs in the middle of an operation of its write transaction: in there "
        + "the transaction can be neither used nor ended, and its database neither written to, flushed, checked nor "
        + "closed. "
        + "Do it when the operation has returned.";

    private const string ReadRule =
        "The callback of WriteTransaction.Read looks at the pages of its write transaction: in there "
        + "the transaction can only be read, neither changed nor committed, aborted or disposed, "
        + "and its database neither written to, flushed, checked nor closed. Do it when the callback has returned.";

    // For so many milliseconds an operation that is under way is waited for.
    private const int PausePatience = 20;

    private int _activity;
    private volatile bool _isClosed;
    private readonly List<long> _outer = [];
    private long _serials;

    // The thread whose operation is calling the caller's code right now; 0 if none does.
    private int _callbackThread;

    private enum Activity
    {
        None,
        Operation,
        ReadCallback,
        FillCallback,

        /// <summary>Between operations, while those before it are written without it.</summary>
        Paused,
        PausedFillCallback,
    }

    /// <summary>
    /// Names the transaction that runs, never to be used again, where ids are (an aborted one's); zero between
    /// transactions. So whoever still holds an ended transaction tells it from this alone, and disturbs nobody while
    /// the next one begins.
    /// </summary>
    public long Serial { get; private set; }

    /// <summary>The loads of trees that are under way.</summary>
    public OpenLoads Loads { get; } = new();

    /// <summary>
    /// The serial of the first transaction of the commit that the one that runs is a part of: what was looked up for it
    /// is good for all of them.
    /// </summary>
    public long RootSerial { get; private set; }

    /// <summary>
    /// The failure in the middle of a change or of a load, after which the trees may be in pieces, or lack entries.
    /// </summary>
    public Exception? Failure { get; private set; }

    private bool IsInCallback =>
        Volatile.Read(ref _callbackThread) is var thread && thread != 0 && thread == Environment.CurrentManagedThreadId;

    /// <summary>Whether a transaction runs.</summary>
    public bool IsOpen => Serial != 0;

    private Activity Current => (Activity)Volatile.Read(ref _activity);

    /// <summary>A transaction begins.</summary>
    public void Begin()
    {
        BeginMember();
        RootSerial = Serial;
    }

    /// <summary>A transaction begins that shares its commit with others before it.</summary>
    public void BeginMember()
    {
        Serial = ++_serials;
        Failure = null;
        Loads.Clear();
    }

    /// <summary>It has ended, but its commit is still to come; who is still in it leaves as always.</summary>
    public void EndMember()
    {
        Serial = 0;
        _outer.Clear();
    }

    /// <summary>It has ended; who is still in it leaves as always.</summary>
    public void End()
    {
        EndMember();
        RootSerial = 0;
    }

    /// <summary>A nested transaction begins: until it ends, the one that runs now cannot be used.</summary>
    /// <returns>Its serial.</returns>
    public long BeginNested()
    {
        _outer.Add(Serial);
        return Serial = ++_serials;
    }

    /// <summary>The innermost nested transaction has ended.</summary>
    public void EndNested()
    {
        Serial = _outer[^1];
        _outer.RemoveAt(_outer.Count - 1);
    }

    /// <summary>Ends the transactions that are nested in one that runs, whatever becomes of them.</summary>
    /// <returns>Whether it runs.</returns>
    public bool EndNestedIn(long serial)
    {
        if (_outer.IndexOf(serial) is var index and >= 0)
        {
            Serial = serial;
            _outer.RemoveRange(index, _outer.Count - index);
        }

        return serial == Serial;
    }

    /// <summary>Whether a transaction runs, or waits for one that is nested in it.</summary>
    /// <remarks>
    /// Who holds an ended transaction may ask this while another one runs, on another thread, and must not look at the
    /// list: it changes. Only serials from that of the outermost transaction on can be in it.
    /// </remarks>
    public bool IsRunning(long serial) =>
        serial == Serial || (RootSerial is var root && root != 0 && serial >= root && _outer.Contains(serial));

    /// <summary>
    /// Enters an operation of a transaction: one at a time, and only while it runs and is intact. Two threads in one
    /// transaction are told so instead of corrupting it.
    /// </summary>
    /// <param name="serial">The transaction's serial.</param>
    public TransactionScope Enter(long serial)
    {
        var scope = EnterEvenFailed(serial);
        if (Failure is { } failure)
        {
            // Once left, the transaction may be ended by another thread, and the next one begin.
            Exit();
            throw NotIntact(failure);
        }

        return scope;
    }

    /// <summary>Enters what may be done even after a failure: to end the transaction, or a load of it.</summary>
    public TransactionScope EnterEvenFailed(long serial)
    {
        if (serial != Serial)
        {
            ThrowNotInnermost(serial);
        }

        if (!TryTake())
        {
            ThrowInUse();
        }

        if (serial != Serial)
        {
            Exit();
            ThrowNotInnermost(serial);
        }

        return new TransactionScope(this);
    }

    /// <summary>
    /// Enters to abort, which also ends what is nested in the transaction.
    /// </summary>
    public TransactionScope EnterToAbort(long serial)
    {
        if (!IsRunning(serial))
        {
            ThrowEnded();
        }

        if (!TryTake())
        {
            ThrowInUse();
        }

        if (!EndNestedIn(serial))
        {
            Exit();
            ThrowEnded();
        }

        return new TransactionScope(this);
    }

    /// <summary>Enters to commit; refuses, with the transaction as it was, while a load is under way.</summary>
    /// <param name="serial">The transaction's serial.</param>
    /// <param name="loadsBefore">The last load that was begun before the transaction.</param>
    public TransactionScope EnterToCommit(long serial, int loadsBefore = 0)
    {
        var scope = EnterEvenFailed(serial);
        if (Failure is null && Loads.HasAfter(loadsBefore))
        {
            Exit();
            throw new InvalidOperationException(
                "A bulk load of this transaction is neither completed nor disposed, so there may be entries that are "
                + "not in their tree yet. Call BulkLoader.Complete and commit then, or abort the transaction; "
                + "until then it goes on.");
        }

        return scope;
    }

    /// <summary>
    /// Enters an operation that changes nothing, which may also be done in a callback that reads, on its thread.
    /// </summary>
    public TransactionScope EnterToRead(long serial)
    {
        // The callback holds the transaction, and goes on to do so.
        return IsInCallback && Current == Activity.ReadCallback && serial == Serial ? default : Enter(serial);
    }

    /// <summary>
    /// Enters between transactions, to commit what has been committed to memory. Whoever is in a transaction that has
    /// ended meanwhile is about to find that out, and is waited for.
    /// </summary>
    /// <returns>False if the database is being closed.</returns>
    public bool TryEnterToSeal()
    {
        while (!_isClosed)
        {
            if (TryMove(Activity.None, Activity.Operation))
            {
                return true;
            }

            Uninterrupted.Sleep(0);
        }

        return false;
    }

    /// <summary>
    /// Waits until no operation is under way, and lets none begin: for closing the database.
    /// </summary>
    public void EnterForGood()
    {
        // First, so that whoever is turned away by what follows is told why.
        _isClosed = true;
        while (!TryMove(Activity.None, Activity.Operation))
        {
            Uninterrupted.Sleep(1);
        }
    }

    /// <summary>Leaves; for who got a scope and gives the transaction to somebody else to end.</summary>
    public void Exit() => Volatile.Write(ref _activity, (int)Activity.None);

    /// <summary>Within an operation: from now on the caller's code looks at the transaction's pages.</summary>
    public void BeginReadCallback() => BeginCallback(Activity.ReadCallback);

    /// <summary>Within an operation: from now on the caller's code fills a value.</summary>
    public void BeginFillCallback() => BeginCallback(Activity.FillCallback);

    /// <summary>The caller's code has returned; the operation goes on.</summary>
    public void EndCallback()
    {
        Volatile.Write(ref _callbackThread, 0);
        while (!TryMove(Activity.ReadCallback, Activity.Operation)
            && !TryMove(Activity.FillCallback, Activity.Operation))
        {
            Uninterrupted.Sleep(0);
        }
    }

    /// <summary>
    /// Waits a moment until no operation is under way, and lets none begin or go on after a callback that fills: for
    /// who looks at what the transaction was when it began. Whoever comes waits until <see cref="Resume"/>. A callback
    /// that reads is not halted: its reads do not come by here.
    /// </summary>
    /// <returns>False if the operation does not end, or the database is being closed.</returns>
    public bool TryPause()
    {
        var start = Environment.TickCount64;
        while (!TryMove(Activity.None, Activity.Paused) && !TryMove(Activity.FillCallback, Activity.PausedFillCallback))
        {
            if (_isClosed || Environment.TickCount64 - start > PausePatience)
            {
                return false;
            }

            Uninterrupted.Sleep(0);
        }

        return true;
    }

    /// <summary>Ends a pause.</summary>
    public void Resume() => Volatile.Write(
        ref _activity,
        (int)(Current == Activity.PausedFillCallback ? Activity.FillCallback : Activity.None));

    /// <summary>Refuses, in a callback of this thread's operation, what would wait for the operation to end.</summary>
    public void RequireNoCallback()
    {
        if (IsInCallback)
        {
            ThrowInCallback();
        }
    }

    /// <summary>Refuses to go on with a transaction whose trees may be in pieces.</summary>
    public void RequireIntact()
    {
        if (Failure is { } failure)
        {
            throw NotIntact(failure);
        }
    }

    /// <summary>Notes a failure that may have left a tree in pieces: from now on it can only be aborted.</summary>
    public void Fail(Exception failure) => Failure = failure;

    /// <summary>The transaction is again what it was when it was intact and these loads were open.</summary>
    public void RollBackTo((int Load, long Added)[]? loads)
    {
        Failure = null;
        Loads.RollBackTo(loads);
    }

    /// <summary>A load ends.</summary>
    /// <param name="load">The load.</param>
    /// <param name="incomplete">
    /// Why entries of it may be missing, so that there will be no commit; null if none are.
    /// </param>
    public void EndLoad(ILoad load, Exception? incomplete)
    {
        Loads.End(load);
        Failure ??= incomplete;
    }

    private bool TryMove(Activity from, Activity to) =>
        Interlocked.CompareExchange(ref _activity, (int)to, (int)from) == (int)from;

    /// <summary>Begins an operation, unless one is under way. A pause is waited for.</summary>
    private bool TryTake()
    {
        while (!TryMove(Activity.None, Activity.Operation))
        {
            if (Current is not (Activity.None or Activity.Paused))
            {
                return false;
            }

            Uninterrupted.Sleep(0);
        }

        return true;
    }

    private void BeginCallback(Activity callback)
    {
        Volatile.Write(ref _activity, (int)callback);
        Volatile.Write(ref _callbackThread, Environment.CurrentManagedThreadId);
    }

    private static InvalidOperationException NotIntact(Exception failure) => new(
        "An operation of this transaction has ended in the middle, so it can only be aborted. "
        + $"What went wrong: {failure.Message}",
        failure);

    [DoesNotReturn]
    private void ThrowInUse()
    {
        if (_isClosed)
        {
            ThrowEnded();
        }

        RequireNoCallback();
        throw new InvalidOperationException(
            "The write transaction is used by another thread right now. "
            + "A write transaction serves one thread at a time.");
    }

    [DoesNotReturn]
    private void ThrowInCallback() =>
        throw new InvalidOperationException(Current == Activity.ReadCallback ? ReadRule : FillRule);

    /// <summary>For a serial that is not that of the innermost transaction.</summary>
    [DoesNotReturn]
    private void ThrowNotInnermost(long serial)
    {
        if (IsRunning(serial))
        {
            throw new InvalidOperationException(
                "A nested transaction of this write transaction is open: until it is committed or disposed, use that "
                + "one and not its parent.");
        }

        ThrowEnded();
    }

    [DoesNotReturn]
    private static void ThrowEnded() =>
        throw new ObjectDisposedException(
            "WriteTransaction", "The write transaction has ended (committed, aborted, or its database was closed).");
}
