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
        if (!_options.ReadOnly)
        {
            _writeContext.RequireNoCallback();
        }

        lock (_closing)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            Interlocked.MemoryBarrier();
        }

        _flushTimer?.Dispose();
        if (!_options.ReadOnly)
        {
            _gate.Close(new ObjectDisposedException("Database", "The database was closed while a writer waited."));
        }

        Exception? failure = null;
        try
        {
            if (!_options.ReadOnly)
            {
                _writeContext.EnterForGood();
                lock (_publishing)
                {
                    _writeContext.Abort();
                    if (_poison is null)
                    {
                        FlushDeferred();
                        SettleIfPossible();
                    }
                }
            }
        }
        catch (DatabaseException e)
        {
            failure = e;
        }

        EndOpenReaders();
        var isQuiet = _lock.Readers.Close() == 0;
        if (isQuiet)
        {
            // A reader of a read-only database that is being turned away may still look for the newest state.
            lock (_contextsLock)
            {
                _maps.ReleaseAll();
            }
        }

        if (!_options.ReadOnly && _poison is null)
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

        _writeContext?.Dispose();
        _file.Dispose();
        _lock.Dispose();
        _storage.Dispose();
        if (failure is not null)
        {
            throw failure;
        }
    }

    /// <summary>Gives the unused end of the file back. D is N here, so nothing that recovery could choose lies behind the page count.</summary>
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
