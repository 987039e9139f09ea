using System.Runtime.ExceptionServices;

namespace Engine.Transactions;

/// <content>Closing.</content>
internal sealed partial class DatabaseCore
{
    /// <summary>
    /// Makes deferred commits durable, gives the newest state its second meta, cuts the unused end off the file if
    /// nobody else has it open, and gives everything back. An open write transaction is aborted, when its operation or
    /// callback that is under way has returned. Maps that open readers look into stay for ever: their spans stay
    /// readable, their transactions are told.
    /// </summary>
    public void Dispose()
    {
        // A callback of the write transaction would wait for the operation that it is called by.
        RequireNoCallback();
        using (Uninterrupted.Enter(_closing))
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            Interlocked.MemoryBarrier();
        }

        _idleTimer?.Dispose();
        Exception? failure = null;
        try
        {
            if (!_options.ReadOnly)
            {
                _gate.Close();
                _writeContext.EnterForGood();
                using (Uninterrupted.Enter(_beginning))
                using (Uninterrupted.Enter(_publishing))
                {
                    _writeContext.Abort();
                    FlushDeferred();
                    SettleIfPossible();
                }
            }
        }
        catch (Exception e)
        {
            failure = ReferenceEquals(_published, _durable) ? e : Lost(e);
        }

        try
        {
            _flusher.Dispose();
            EndOpenReaders();
            var isQuiet = _lock.Readers.Close() == 0;
            using (Uninterrupted.Enter(_refreshing))
            {
                // A reader of a read-only database that is being turned away may still look for the newest state; the
                // next look finds it closed.
                if (isQuiet)
                {
                    _maps.ReleaseAll();
                }
            }

            if (!_options.ReadOnly && failure is null && _poison is null)
            {
                if (isQuiet)
                {
                    CutFile();
                }

                if (_isSettled && _session!.HasChanges)
                {
                    _lock.EndChanges(_durable.Id);
                }
            }
        }
        catch (Exception e)
        {
            failure ??= e;
        }

        // Each is given back, whatever became of the others.
        foreach (var part in (IDisposable?[])[_writeContext, _file, _lock, _storage])
        {
            try
            {
                part?.Dispose();
            }
            catch (Exception e)
            {
                failure ??= e;
            }
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>
    /// As <see cref="Dispose"/>, without blocking this thread: closing waits for the disk, for operations that are
    /// under way, and for the flusher's thread, which therefore cannot do it. A thread that is begun for it and ends
    /// with it can.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        RequireNoCallback();
        if (_isDisposed)
        {
            return ValueTask.CompletedTask;
        }

        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => CloseFor(closed)) { IsBackground = true, Name = "Engine closing" };
        try
        {
            thread.UnsafeStart();
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            // The system gives no more threads: better late than never.
            CloseFor(closed);
        }

        return new ValueTask(closed.Task);
    }

    private void CloseFor(TaskCompletionSource closed)
    {
        try
        {
            Dispose();
        }
        catch (Exception e)
        {
            closed.TrySetException(e);
            return;
        }

        closed.TrySetResult();
    }

    private DatabasePoisonedException Lost(Exception cause) => new(
        $"'{Name}' was closed, but its deferred commits after transaction {_durable.Id}, up to {_published.Id}, "
        + $"could not be made durable ({cause.GetBaseException().Message}). "
        + "They are lost, unless the next opening finds them on disk.",
        cause);

    /// <summary>
    /// Gives the unused end of the file back. D is N here, so nothing that recovery could choose lies behind the page
    /// count.
    /// </summary>
    private void CutFile()
    {
        var needed = (long)_published.PageCount * PageSize;
        if (!_lock.HasOthers && _file.Length > needed)
        {
            try
            {
                _file.SetLength(needed);
            }
            catch (IOException)
            {
                // The slack stays; it means nothing.
            }
        }
    }
}
