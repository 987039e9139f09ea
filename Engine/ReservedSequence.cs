namespace Engine;

/// <summary>
/// Numbers of a sequence outside of a write transaction: <see cref="Sequence.Reserve"/>. A block of numbers is taken in
/// a durable transaction of its own, and then given one by one from memory; the next block when that is used up. A
/// number that was given is given to nobody else, whatever crashes. Thread-safe; threads that come at the same time
/// share a block.
/// </summary>
/// <remarks>
/// <para>
/// Numbers that were taken and not given when the process ends, or when nobody keeps this any more, are lost: there are
/// gaps. For a caller that has numbers one after the other they ascend, as long as all callers use <see cref="Next"/>,
/// or all use <see cref="NextAsync"/>: callers of the two do not wait for each other, and may have a block each.
/// </para>
/// <para>
/// Do not call this while you have a write transaction open: a number may need a block, and that its turn to write,
/// which comes when your transaction has ended, so both wait for ever, or until
/// <see cref="DatabaseOptions.WriterTimeout"/>, whose exception says so. Within a transaction there is
/// <c>tx[sequence].Next()</c>.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// var tickets = db.GetSequence("tickets").Reserve(1000);
/// long ticket = tickets.Next();             // one commit for a thousand of them
/// long another = await tickets.NextAsync();
/// </code>
/// </example>
public sealed class ReservedSequence
{
    private readonly Lock _lock = new();

    // The block that numbers are given of, and those that come after it.
    private readonly Queue<(long Next, int Left)> _later = new();
    private long _next;
    private int _left;

    // The blocks that are being taken, by a thread that is blocked and by one that is not. They are two because a
    // blocked thread may not wait for a thread of the pool: it may be what the pool lacks.
    private TaskCompletionSource? _blocking;
    private TaskCompletionSource? _awaiting;

    internal ReservedSequence(Sequence sequence, int blockSize)
    {
        Sequence = sequence;
        BlockSize = blockSize;
    }

    /// <summary>The sequence.</summary>
    public Sequence Sequence { get; }

    /// <summary>How many numbers are taken at a time; fewer if the sequence has no more.</summary>
    public int BlockSize { get; }

    /// <summary>How many numbers can be given before the next block is taken.</summary>
    public long Available
    {
        get
        {
            lock (_lock)
            {
                return _left + _later.Sum(static block => (long)block.Left);
            }
        }
    }

    /// <summary>
    /// Gives the next number. If a block is used up the thread is blocked until the next one is durable.
    /// </summary>
    /// <returns>The number; no other call gives it, and no transaction takes it.</returns>
    /// <exception cref="SequenceExhaustedException">There are no more numbers.</exception>
    /// <exception cref="CodecMismatchException">
    /// <see cref="Sequence.TreeName"/> is a tree with other codecs, or none.
    /// </exception>
    /// <exception cref="InvalidEncodingException">That has something else under the sequence's name.</exception>
    /// <exception cref="WriterTimeoutException">The turn to take a block did not come in time.</exception>
    /// <exception cref="DatabaseFullException">The disk is full; no block was taken.</exception>
    /// <exception cref="DatabasePoisonedException">A flush or the meta write failed, now or earlier.</exception>
    /// <exception cref="InvalidOperationException">
    /// The database is open read-only; or a callback of this thread's write transaction calls this.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The database was closed.</exception>
    public long Next()
    {
        while (true)
        {
            TaskCompletionSource taking;
            bool isOwn;
            lock (_lock)
            {
                if (TryGive(out var number))
                {
                    return number;
                }

                // Before others wait for what this thread may not do.
                RequireMayWrite();
                taking = Join(ref _blocking, out isOwn);
            }

            if (isOwn)
            {
                return TakeBlock(taking);
            }

            taking.Task.GetAwaiter().GetResult();
        }
    }

    /// <summary>
    /// As <see cref="Next"/>, without blocking a thread while the next block is taken.
    /// </summary>
    /// <param name="cancellationToken">
    /// Ends the waiting for a block. That is taken nevertheless, for those who come later.
    /// </param>
    /// <returns>As <see cref="Next"/>.</returns>
    /// <exception cref="OperationCanceledException">Cancelled: no number was given.</exception>
    /// <exception cref="SequenceExhaustedException">There are no more numbers.</exception>
    /// <exception cref="WriterTimeoutException">The turn to take a block did not come in time.</exception>
    public ValueTask<long> NextAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<long>(cancellationToken);
        }

        lock (_lock)
        {
            if (TryGive(out var number))
            {
                return new ValueTask<long>(number);
            }
        }

        RequireMayWrite();
        return new ValueTask<long>(WaitForNext(cancellationToken));
    }

    private async Task<long> WaitForNext(CancellationToken cancellationToken)
    {
        while (true)
        {
            TaskCompletionSource taking;
            bool isOwn;
            lock (_lock)
            {
                if (TryGive(out var number))
                {
                    return number;
                }

                taking = Join(ref _awaiting, out isOwn);
            }

            if (isOwn)
            {
                // Not awaited: whoever gives up waiting leaves it to the others.
                _ = TakeBlockAsync(taking);
            }

            await taking.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private long TakeBlock(TaskCompletionSource taking)
    {
        try
        {
            var (first, count) = Sequence.Database.Write(
                this, static (tx, own) => own.Take(tx), CommitMode.Durable);
            lock (_lock)
            {
                // The first one is for who has taken them, or others might leave nothing again and again.
                _later.Enqueue((first + 1, count - 1));
                _blocking = null;
            }

            taking.SetResult();
            return first;
        }
        catch (Exception e)
        {
            Fail(ref _blocking, taking, e);
            throw;
        }
    }

    private async Task TakeBlockAsync(TaskCompletionSource taking)
    {
        try
        {
            var block = await Sequence.Database.WriteAsync(
                this, static (tx, own) => own.Take(tx), CommitMode.Durable).ConfigureAwait(false);
            lock (_lock)
            {
                _later.Enqueue(block);
                _awaiting = null;
            }

            taking.SetResult();
        }
        catch (Exception e)
        {
            Fail(ref _awaiting, taking, e);
        }
    }

    private (long First, int Count) Take(WriteTransaction transaction)
    {
        var writer = transaction[Sequence];
        var count = (int)Math.Clamp(long.MaxValue - writer.Last, 1, BlockSize);
        return (writer.Take(count), count);
    }

    private void Fail(ref TaskCompletionSource? slot, TaskCompletionSource taking, Exception failure)
    {
        lock (_lock)
        {
            slot = null;
        }

        if (failure is ThreadInterruptedException)
        {
            // Of nobody's concern but the thread's: the others try it themselves.
            taking.SetResult();
            return;
        }

        taking.SetException(failure);

        // Nobody need have waited.
        _ = taking.Task.Exception;
    }

    private void RequireMayWrite() => Sequence.Database.Core.RequireWriter().RequireNoCallback();

    private static TaskCompletionSource Join(ref TaskCompletionSource? slot, out bool isOwn)
    {
        isOwn = slot is null;
        return slot ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private bool TryGive(out long number)
    {
        while (_left == 0)
        {
            if (!_later.TryDequeue(out var block))
            {
                number = 0;
                return false;
            }

            (_next, _left) = block;
        }

        number = _next++;
        _left--;
        return true;
    }
}
