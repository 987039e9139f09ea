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
