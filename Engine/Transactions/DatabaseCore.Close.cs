namespace Engine.Transactions;

/// <content>Closing.</content>
internal sealed partial class DatabaseCore
{
    /// <summary>
    /// Makes deferred commits durable, cuts the unused end off the file if nobody else has it open, and gives everything back. An open write transaction is
    /// aborted by its owner's next use. Maps that open readers look into stay mapped for ever: their spans stay readable, their transactions are told.
    /// </summary>
    public void Dispose()
    {
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
                _writeContext.Abort();
            }

            lock (_publishing)
            {
                if (!_options.ReadOnly && _poison is null)
                {
                    FlushDeferred();
                }
            }
        }
        catch (DatabaseException e)
        {
            failure = e;
        }

        EndOpenReaders();
        var leaked = _lock.Readers.Close();
        if (leaked == 0)
        {
            _maps.ReleaseAll();
        }

        if (!_options.ReadOnly && _poison is null)
        {
            CutFile(leaked);
            _lock.CleanlyClosed = true;
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
    private void CutFile(int leakedReaders)
    {
        var needed = (long)_published.PageCount * PageSize;
        if (leakedReaders == 0 && !_lock.HasOthers && _file.Length > needed)
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
