using System.Diagnostics;
using System.Globalization;

namespace Engine.Transactions;

/// <summary>
/// Who has the write transaction open, for the messages of those who wait for it. The writer writes it, anybody reads
/// it at any moment: what is read in the middle of a change may belong to two transactions, which for a message is good
/// enough.
/// </summary>
internal sealed class WriterNote
{
    private ulong _transactionId;
    private long _since;
    private volatile Thread? _thread;
    private volatile StackTrace? _origin;

    public void Begin(ulong transactionId, long now, StackTrace? origin)
    {
        _transactionId = transactionId;
        _since = now;
        _origin = origin;
        _thread = Thread.CurrentThread;
    }

    public void End()
    {
        _thread = null;
        _origin = null;
    }

    /// <summary>A sentence or two.</summary>
    public string Describe(long now)
    {
        if (_thread is not { } thread)
        {
            return "No write transaction is open at this moment; others wait, too.";
        }

        var name = string.IsNullOrEmpty(thread.Name) ? string.Empty : $" '{thread.Name}'";
        var own = thread == Thread.CurrentThread
            ? " That is this thread: if its transaction is one that this caller has not ended yet, it waits for itself."
                + " Commit or dispose a transaction before beginning the next one."
            : string.Empty;
        var where = _origin is { } origin
            ? $" It was begun{Environment.NewLine}{origin}"
            : " Set DatabaseOptions.TrackTransactions to learn where it was begun.";
        var seconds = ((now - _since) / 1000.0).ToString("0.0", CultureInfo.InvariantCulture);
        return $"Write transaction {_transactionId} is open since {seconds} s; "
            + $"it was begun on thread {thread.ManagedThreadId}{name}.{own}{where}";
    }
}
