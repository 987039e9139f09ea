using System.Diagnostics;

namespace Engine.Transactions;

/// <summary>
/// The transactions and snapshots that are open, with where they were begun, when that is to be tracked: to notice
/// those that are forgotten. A transaction that is garbage without having ended can never be ended by anybody. It is
/// looked for every second, and when the database is closed: not by a finalizer, which every transaction would pay for,
/// and which could end nothing safely. Thread-safe.
/// </summary>
internal sealed class OpenTransactions : IDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly Func<long> _clock;
    private readonly Action<OpenTransaction, TimeSpan, bool> _tell;
    private readonly Lock _lock = new();
    private readonly HashSet<OpenTransaction> _open = [];
    private readonly Timer _timer;
    private bool _isClosed;

    /// <param name="clock">Milliseconds that never go back.</param>
    /// <param name="tell">
    /// Is told of what was forgotten, on a thread of the pool, and of what closing found open; the flag tells which.
    /// Throws nothing.
    /// </param>
    public OpenTransactions(Func<long> clock, Action<OpenTransaction, TimeSpan, bool> tell)
    {
        _clock = clock;
        _tell = tell;
        using (ExecutionContext.SuppressFlow())
        {
            // Weakly: the timer does not keep a database that is forgotten itself.
            var look = new WeakReference<OpenTransactions>(this);
            _timer = new Timer(static look => Look(look!), look, LookInterval, LookInterval);
        }
    }

    public long Now => _clock();

    /// <summary>Something is about to begin, on the caller's stack.</summary>
    /// <returns>
    /// To be held by the transaction alone. One that never begins is forgotten without a word. Null after the closing.
    /// </returns>
    public TransactionToken? Add(TransactionKind kind)
    {
        // With the frames of the engine: how many there are depends on what was inlined.
        var transaction = new OpenTransaction(kind, new StackTrace(fNeedFileInfo: true));
        var token = new TransactionToken(this, transaction);
        transaction.Token = new(token);
        lock (_lock)
        {
            return !_isClosed && _open.Add(transaction) ? token : null;
        }
    }

    /// <summary>It has ended as it should.</summary>
    public void Remove(OpenTransaction transaction)
    {
        using (Uninterrupted.Enter(_lock))
        {
            _open.Remove(transaction);
        }
    }

    /// <summary>Those that read, by slot; of those that share one, the one that was begun first.</summary>
    public Dictionary<int, OpenTransaction> ListReaders()
    {
        var bySlot = new Dictionary<int, OpenTransaction>();
        using (Uninterrupted.Enter(_lock))
        {
            foreach (var transaction in _open)
            {
                if (transaction.Slot != OpenTransaction.NoSlot
                    && (!bySlot.TryGetValue(transaction.Slot, out var other) || transaction.Since < other.Since))
                {
                    bySlot[transaction.Slot] = transaction;
                }
            }
        }

        return bySlot;
    }

    /// <summary>Tells of what is garbage and has not ended, each once.</summary>
    public void Look() => Tell(Take(static transaction => transaction.IsForgotten), isAtClosing: false);

    /// <summary>The database has been closed: tells of all that was still open.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        using (Uninterrupted.Enter(_lock))
        {
            _isClosed = true;
        }

        Look();
        Tell(Take(static _ => true), isAtClosing: true);
    }

    private static void Look(object look)
    {
        if (((WeakReference<OpenTransactions>)look).TryGetTarget(out var open))
        {
            open.Look();
        }
    }

    private List<OpenTransaction> Take(Predicate<OpenTransaction> which)
    {
        using (Uninterrupted.Enter(_lock))
        {
            var taken = _open.Where(transaction => which(transaction)).ToList();
            _open.ExceptWith(taken);
            return taken;
        }
    }

    private void Tell(List<OpenTransaction> transactions, bool isAtClosing)
    {
        foreach (var transaction in transactions)
        {
            // What waits for its turn, or was turned away, holds nothing.
            if (transaction.TransactionId != 0)
            {
                _tell(transaction, TimeSpan.FromMilliseconds(Now - transaction.Since), isAtClosing);
            }
        }
    }
}
