namespace Engine.Transactions;

/// <content>Bulk loads: a transaction is not committed while one is under way, and never when one was given up.</content>
internal sealed partial class WriteContext
{
    private int _openLoads;

    /// <summary>A load of a tree begins.</summary>
    /// <returns>The tree's change counter.</returns>
    public long BeginLoad(TreeName tree)
    {
        var changes = ChangesOf(tree);
        _openLoads++;
        return changes;
    }

    /// <summary>A load has put all its entries.</summary>
    public void EndLoad() => _openLoads--;

    /// <summary>A load ends of whose entries some may be missing.</summary>
    public void AbandonLoad(Exception reason)
    {
        _openLoads--;
        Failure ??= reason;
    }

    /// <summary>Enters to commit; refuses, with the transaction as it was, while a load is under way.</summary>
    public void EnterToCommit(long serial)
    {
        Enter(serial, isEnding: true);
        if (_openLoads > 0 && Failure is null)
        {
            Exit();
            throw new InvalidOperationException(
                "A bulk load of this transaction is neither completed nor disposed, so there may be entries that are "
                + "not in their tree yet. Call BulkLoader.Complete and commit then, or abort the transaction; "
                + "until then it goes on.");
        }
    }
}
