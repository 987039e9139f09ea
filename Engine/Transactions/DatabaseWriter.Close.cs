namespace Engine.Transactions;

/// <content>Closing what writes.</content>
internal sealed partial class DatabaseWriter
{
    private bool _isFinished;

    public override void Finish()
    {
        _idleTimer?.Dispose();
        try
        {
            _gate.Close();
            _context.State.EnterForGood();
            using (Uninterrupted.Enter(_beginning))
            using (Uninterrupted.Enter(_publishing))
            {
                FlyLast();
                FlushDeferred();
                SettleIfPossible();
            }

            _isFinished = true;
        }
        catch (Exception e) when (!IsAllDurable)
        {
            throw Lost(e);
        }
        finally
        {
            _flusher.Dispose();
        }
    }

    public override void Leave(bool isQuiet)
    {
        if (isQuiet)
        {
            _core.Maps.ReleaseAll();
        }

        if (!_isFinished || _poison is not null)
        {
            return;
        }

        if (isQuiet)
        {
            CutFile();
        }

        if (_isSettled && _file.HasChanges)
        {
            _lock.EndChanges(_durable.Id);
        }
    }

    public override void Dispose()
    {
        _context.Dispose();
        _behind?.Dispose();
    }

    /// <summary>For closing: commits for those who still wait, if it can be done, and tells them.</summary>
    private void FlyLast()
    {
        TryLandBoarded();
        var group = TakeGroup();
        try
        {
            if (_context.HasMembers && _poison is null)
            {
                _context.AbortMember();
                var flight = Seal(_context, group.IsDeferred, default);
                _lastFlush = default;
                if (group.IsDeferred)
                {
                    _core.Publish(flight.State);
                }
                else
                {
                    Land(flight);
                }

                Tell(group, flight.State.Id, _lastFlush);
            }
            else
            {
                _context.Abort();
                ThrowIfPoisoned();
            }
        }
        catch (Exception e)
        {
            _context.Abort();
            group.Fail(e);
        }
    }

    private DatabasePoisonedException Lost(Exception cause) => new(
        $"'{Name}' was closed, but its deferred commits after transaction {_durable.Id}, up to {Published.Id}, "
        + $"could not be made durable ({cause.GetBaseException().Message}). "
        + "They are lost, unless the next opening finds them on disk.",
        cause);

    /// <summary>
    /// Gives the unused end of the file back. D is N here, so nothing that recovery could choose lies behind the page
    /// count.
    /// </summary>
    private void CutFile()
    {
        var needed = (long)Published.PageCount * _core.PageSize;
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
