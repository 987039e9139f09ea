namespace Engine.PropertyTests.Model;

/// <summary>Savepoints and nested transactions.</summary>
internal sealed partial class ProgramRunner
{
    private const int MaxSavepoints = 8;
    private const int MaxNested = 3;

    // Those of all transactions that are open, the outermost one's first.
    private readonly List<(Savepoint Savepoint, ModelState State)> _savepoints = [];

    // The transactions that wait for one that is nested in them, what they held then, and how many of the savepoints
    // are theirs or those of transactions around them.
    private readonly List<(WriteTransaction Transaction, ModelState State, int Savepoints)> _outer = [];

    // The first savepoint of the innermost transaction.
    private int FirstSavepoint => _outer.Count > 0 ? _outer[^1].Savepoints : 0;

    private void MoveSavepoints(Operation operation)
    {
        BeginIfNeeded();
        var own = _savepoints.Count - FirstSavepoint;
        if (operation.Kind == OperationKind.Savepoint)
        {
            if (own < MaxSavepoints)
            {
                _savepoints.Add((_transaction!.Savepoint(), _working!));
            }
        }
        else if (own > 0)
        {
            var index = FirstSavepoint + (operation.A % own);
            if (operation.Kind == OperationKind.Rollback)
            {
                RollBackTo(index);
                CheckOwnWrites();
            }
            else
            {
                _transaction!.Release(_savepoints[index].Savepoint);
                _savepoints.RemoveAt(index);
            }
        }
    }

    private void RollBackTo(int index)
    {
        // First: what was taken is put back when everything else is as it was, and that may fail.
        var (savepoint, state) = _savepoints[index];
        _working = WithTaken(state);
        _savepoints.RemoveRange(index + 1, _savepoints.Count - index - 1);
        _transaction!.RollBackTo(savepoint);
    }

    private void Nest()
    {
        BeginIfNeeded();
        if (_outer.Count < MaxNested)
        {
            var nested = _transaction!.BeginNested();
            _outer.Add((_transaction, _working!, _savepoints.Count));
            _transaction = nested;
        }
    }

    private void EndNested(bool isCommitted)
    {
        if (_outer.Count == 0)
        {
            return;
        }

        using (var nested = _transaction!)
        {
            (_transaction, var state, var savepoints) = _outer[^1];
            _outer.RemoveAt(_outer.Count - 1);
            _savepoints.RemoveRange(savepoints, _savepoints.Count - savepoints);
            if (isCommitted)
            {
                nested.Commit();
            }
            else
            {
                _working = WithTaken(state);
                nested.Abort();
            }
        }

        CheckOwnWrites();
    }

    // An operation of the transaction has failed in the middle: what it can be rolled back to is whole.
    private bool TryHeal()
    {
        try
        {
            if (_transaction is not null && _savepoints.Count > FirstSavepoint)
            {
                RollBackTo(_savepoints.Count - 1);
                return true;
            }

            var isNested = _outer.Count > 0;
            EndNested(isCommitted: false);
            return isNested;
        }
        catch (Exception) when (_disk.IsDead)
        {
            return true;
        }
    }

    // The transaction is ended, or about to be, and everything in it.
    private WriteTransaction? ForgetTransaction()
    {
        var outermost = _outer.Count > 0 ? _outer[0].Transaction : _transaction;
        _outer.Clear();
        _savepoints.Clear();
        ForgetTaken();
        _isNamingItself = false;
        (_transaction, _working) = (null, null);
        return outermost;
    }
}
