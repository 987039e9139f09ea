using Engine.PropertyTests.Crash;
using Engine.PropertyTests.Simulation;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Model;

/// <summary>What happens after the process died or a storage call failed.</summary>
internal sealed partial class ProgramRunner
{
    // The model's states by the ids that the engine gave them since it was opened.
    private readonly Dictionary<ulong, int> _ids = [];

    private bool _isRecovering;
    private Exception? _failureInCall;

    private bool IsExcused(Exception e) =>
        e is not (PropertyFailedException or InvariantViolationException)
        && (_disk.IsDead || _disk.LastFault is not null);

    // The process died, now or at an armed call; then perhaps the power goes.
    private void Crash()
    {
        var crash = _crash
            ?? (_disk.DiedFull ? default(Operation) : throw new InvalidOperationException("Nothing was armed."));
        _crash = null;
        FailFlights(isPoisoned: false);
        AbandonDatabase();
        TryPowerCuts();
        if (CrashCode.IsKill(crash))
        {
            _disk.Kill();
            DecayOfKilled(crash);
        }
        else
        {
            _disk.PowerCut(CrashCode.PlanOf(crash, _disk.PendingSectors));
        }

        Recover();
    }

    // Whatever the program lets happen next happens during the recovery.
    private void Recover()
    {
        if (_isRecovering)
        {
            _recoveriesAgain++;
        }
        else
        {
            _recoveries++;
        }

        _isRecovering = true;
        if (_step + 1 < _program.Operations.Count
            && _program.Operations[_step + 1] is { Kind: OperationKind.Crash or OperationKind.Fault } next)
        {
            _step++;
            Execute(next);
        }

        Step(OpenAndCheck);
        _isRecovering = false;
    }

    // A call failed. Either the engine aborted the transaction and goes on, or it is poisoned, or it could not be
    // opened.
    private void AfterFault(Exception e)
    {
        var failed = _disk.LastFault!.Value;
        _disk.ClearFault();
        FailFlights(e is DatabasePoisonedException);
        if (e is not (DatabaseException or IOException))
        {
            throw new PropertyFailedException($"a failed {failed} came out as {e.GetType().Name}: {e.Message}", e);
        }

        // Before anything names the new pages a failed write aborts the transaction, whatever was wrong with it.
        if ((e is DatabaseFullException || e.GetType() == typeof(DatabaseException)) && _database is not null)
        {
            AfterCleanFailure();
            return;
        }

        if (_database is not null && e is DatabasePoisonedException)
        {
            RequirePoisoned();
        }

        AbandonDatabase();
        TryPowerCuts();
        _disk.Kill();
        Recover();
    }

    // The transaction is gone, nothing else is, and the database works on.
    private void AfterCleanFailure()
    {
        if (_history.PublishedIndex != _history.AttemptedIndex)
        {
            _history.WithdrawAfter(_history.PublishedIndex);
        }
        else if (TryHeal())
        {
            if (_disk.IsDead)
            {
                return;
            }

            NoteFlushForRoom();
            CheckOwnWrites();
            return;
        }

        ForgetTransaction()?.Dispose();
        NoteFlushForRoom();
        Check();
    }

    // When the disk was full, the engine has made deferred commits durable to have the pages of the state before them.
    // What it says of that is checked like any promise.
    private void NoteFlushForRoom()
    {
        if (_disk.WasFull
            && _database is { } database
            && _ids.TryGetValue(database.Core.DurableId, out var index)
            && index > _history.DurableIndex)
        {
            _history.MakeDurable(index);
        }
    }

    // Invariant 10.
    private void RequirePoisoned()
    {
        ForgetTransaction()?.Dispose();
        var changes = _disk.Changes;
        try
        {
            using var transaction = Database.BeginWrite();
            transaction.Main.Put([1], [1]);
            transaction.Commit();
            throw new PropertyFailedException("invariant 10: a poisoned database accepts a commit");
        }
        catch (DatabasePoisonedException)
        {
            Same(changes, _disk.Changes, "invariant 10: changes of the disk by a poisoned database");
        }

        CheckSnapshots();
    }

    private void AbandonDatabase()
    {
        // What a dead process holds is given back as far as it is memory of ours; the disk takes no notice of it any
        // more.
        _disk.MarkDead();
        _aside.Clear();
        foreach (var held in _snapshots)
        {
            Quietly(held.Snapshot);
        }

        _snapshots.Clear();
        _disk.Protection.UnpinAll();
        Quietly(ForgetTransaction());
        Quietly(_database);
        _database = null;
    }

    // Where the most is pending, and nothing of it may have been seen.
    private void OnFlush()
    {
        Judge(NoteLandings);
        TryPowerCuts();
        Judge(RequireNothingShownEarly);
        Judge(RunAside);
    }

    private void TryPowerCuts()
    {
        if (_fan is not null)
        {
            Judge(_fan.Open);
        }
    }

    // Within a call of the engine, which must not take a failure for its own: it is kept until the step ends.
    private void Judge(Action check)
    {
        try
        {
            check();
        }
        catch (Exception e) when (e is CrashStateException or PropertyFailedException)
        {
            _failureInCall ??= e;
        }
    }

    private static void Quietly(IDisposable? disposable)
    {
        try
        {
            disposable?.Dispose();
        }
        catch (Exception e) when (e is DatabaseException or IOException or ObjectDisposedException)
        {
            // The disk is dead: nothing that fails now has any meaning.
        }
    }
}
