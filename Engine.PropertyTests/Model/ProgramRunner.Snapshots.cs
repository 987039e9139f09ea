namespace Engine.PropertyTests.Model;

/// <summary>
/// Named snapshots. To the model a name keeps the state that it was given to; the very state that a transaction becomes
/// is filled in when it is committed.
/// </summary>
internal sealed partial class ProgramRunner
{
    private const int Names = 3;

    // Whether the transaction that is open has named what it becomes, whatever it rolled back afterwards.
    private bool _isNamingItself;

    // The newest state when one that names itself was committed on top of it: nobody may follow before it is sealed.
    private ulong _completeOn;

    private void ChangeNames(Operation operation)
    {
        var name = SnapshotNameOf(operation.A);
        switch (operation.Kind)
        {
            case OperationKind.Unname:
                Same(_working!.HasName(name), _transaction!.DeleteSnapshot(name), "DeleteSnapshot");
                _working = _working.Unname(name);
                return;
            case OperationKind.NameAgain:
                Rename(name, SnapshotNameOf(operation.B));
                return;
            case OperationKind.NameHeld when _snapshots.Count == 0:
                return;
        }

        var isTaken = _working!.HasName(name);
        try
        {
            _working = isTaken ? _working : Give(operation, name);
            if (isTaken)
            {
                _transaction!.CreateSnapshot(name);
            }
        }
        catch (SnapshotExistsException) when (isTaken)
        {
            return;
        }

        Same(false, isTaken, "giving a name that is taken");
    }

    private ModelState Give(Operation operation, string name)
    {
        switch (operation.Kind)
        {
            case OperationKind.Name:
                // The name holds it as soon as it is given.
                using (var newest = Database.OpenSnapshot())
                {
                    _transaction!.CreateSnapshot(name, newest);
                }

                return _working!.Name(name, _history.Published);
            case OperationKind.NameHeld:
                var held = _snapshots[operation.B % _snapshots.Count];
                _transaction!.CreateSnapshot(name, held.Snapshot);
                return _working!.Name(name, held.Expected);
            default:
                _isNamingItself = true;
                _transaction!.CreateSnapshot(name);
                return _working!.Name(name, null);
        }
    }

    private void Rename(string name, string newName)
    {
        var (isThere, isTaken) = (_working!.HasName(name), _working.HasName(newName) && name != newName);
        try
        {
            _transaction!.RenameSnapshot(name, newName);
        }
        catch (SnapshotNotFoundException) when (!isThere)
        {
            return;
        }
        catch (SnapshotExistsException) when (isTaken)
        {
            return;
        }

        Same((true, false), (isThere, isTaken), "renaming a snapshot that is missing, or to a name that is taken");
        _working = name == newName ? _working : _working.NameAgain(name, newName);
    }

    private void OpenNamed(int number)
    {
        if (_snapshots.Count == MaxSnapshots)
        {
            return;
        }

        var name = SnapshotNameOf(number);
        var isThere = Database.TryOpenSnapshot(name, out var snapshot);
        Same(_history.Published.HasName(name), isThere, "TryOpenSnapshot");
        if (isThere)
        {
            var held = new HeldSnapshot(snapshot!, _history.Published.Named(name), IsNamed: true);
            _snapshots.Add(held);
            if (!_isInMemory)
            {
                Pin(held);
            }
        }
    }

    // What is named is looked for in what is published, and not in what the transaction has.
    private void RollBackToNamed(int number)
    {
        var name = SnapshotNameOf(number);
        var isThere = Database.TryOpenSnapshot(name, out var snapshot);
        Same(_history.Published.HasName(name), isThere, "TryOpenSnapshot");
        if (isThere)
        {
            using (snapshot)
            {
                _transaction!.RollBackTo(snapshot!);
                _working = _working!.WithTreesOf(_history.Published.Named(name), SequenceTree);
                CheckOwnWrites();
            }
        }
    }

    // Invariant 12 for what names show.
    private void ShowNamed()
    {
        foreach (var info in Database.ListSnapshots())
        {
            _history.ShowNamed(info.TransactionId, info.Name);
        }
    }

    private static string SnapshotNameOf(int number) => (number % Names) switch
    {
        0 => "a",
        1 => "b",
        _ => "before the import",
    };
}
