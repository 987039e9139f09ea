using Engine.PropertyTests.Backups;
using Engine.PropertyTests.Crash;
using Engine.PropertyTests.Simulation;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Model;

/// <summary>
/// Runs a program against the engine on a simulated disk and against the model, and compares after every step what can
/// be compared. This part is the loop; the others change trees, handle failures and check.
/// </summary>
internal sealed partial class ProgramRunner : IDisposable
{
    private const int MaxSnapshots = 4;

    private readonly OperationProgram _program;
    private readonly KeySpace _keys;
    private readonly GuardedDisk _disk;
    private readonly ModelHistory _history;
    private readonly List<HeldSnapshot> _snapshots = [];
    private Database? _database;
    private WriteTransaction? _transaction;
    private ModelState? _working;
    private TextWriter? _log;
    private bool _isInMemory;
    private BackupRecorder? _recorder;

    // -1 while the database is made.
    private int _step = -1;
    private int _lastStep;
    private int _recoveries;
    private int _recoveriesAgain;

    // The power cuts that are tried beside the program.
    private readonly CrashFan? _fan;

    // What a file at rest may turn into; and what the file has held so far, the last one first, if the program has it
    // decay.
    private readonly DecayJudge _decay;
    private readonly List<byte[]> _earlier = [];

    // The crash that waits for its call.
    private Operation? _crash;

    public ProgramRunner(OperationProgram program, DiskTrace? trace = null, ProgramStart? start = null)
    {
        _program = program;
        _keys = new KeySpace(program.PageSize);
        _disk = new GuardedDisk(start?.Image) { Trace = trace };
        _history = new ModelHistory(trace, start?.State);
        _fan = program.Fan > 0 ? new CrashFan(_disk, _history, program) : null;
        _decay = new DecayJudge(program);
        _disk.BeforeFlush = OnFlush;
    }

    private RunResult Result =>
        new(
            _recoveries + (_fan?.States ?? 0) + _decay.States,
            _recoveriesAgain + (_fan?.StatesOfDepthTwo ?? 0))
        { Failures = _disk.FaultsTaken };

    private Database Database => _database ?? throw new InvalidOperationException("The database is not open.");

    /// <summary>Runs a program from its beginning to its end.</summary>
    /// <param name="program">The program.</param>
    /// <param name="log">Gets a line for each step and storage call.</param>
    /// <param name="calls">Gets the storage calls.</param>
    /// <returns>What it came to.</returns>
    /// <exception cref="PropertyFailedException">
    /// Something does not hold. The message has the line that replays the program.
    /// </exception>
    public static RunResult Run(OperationProgram program, TextWriter? log = null, List<DiskCall>? calls = null)
    {
        using var runner = new ProgramRunner(program) { _log = log };
        runner._disk.BeforeCall = call =>
        {
            log?.WriteLine($"    {call}");
            calls?.Add(call);
        };

        runner.RunOrExplain();
        return runner.Result;
    }

    /// <summary>Runs a program without crashes and faults on the storage of an in-memory database.</summary>
    public static void RunInMemory(OperationProgram program) => RunInMemory(program, recorder: null);

    /// <inheritdoc cref="RunInMemory(OperationProgram)"/>
    /// <param name="program">The program.</param>
    /// <param name="recorder">Backs the database up beside the program.</param>
    public static void RunInMemory(OperationProgram program, BackupRecorder? recorder)
    {
        using var runner = new ProgramRunner(program) { _isInMemory = true, _recorder = recorder };
        runner.RunOrExplain();
    }

    /// <summary>Runs a program without crashes and faults, and records what it does to the disk.</summary>
    /// <param name="program">The program.</param>
    /// <param name="trace">Gets the record.</param>
    /// <param name="start">Where it begins; on an empty disk if null.</param>
    public static RecordedRun Record(OperationProgram program, DiskTrace trace, ProgramStart? start = null)
    {
        using var runner = new ProgramRunner(program, trace, start);
        runner.RunOrExplain();
        return new RecordedRun(runner._history.States, runner._lastStep);
    }

    /// <summary>Runs a program without crashes and faults, closes the database and returns what is left.</summary>
    public static ProgramStart RunToStart(OperationProgram program)
    {
        using var runner = new ProgramRunner(program);
        runner.RunOrExplain();
        runner.Database.Dispose();
        runner._database = null;
        return new ProgramStart(
            new DiskImage(runner._disk.Durable.ToArray(), Lock: runner._disk.Lock),
            runner._history.Durable)
        { Earlier = runner._earlier };
    }

    public void Dispose()
    {
        _disk.BeforeCall = null;
        _disk.BeforeFlush = null;
        AbandonDatabase();
        _disk.Discard();
    }

    private void RunOrExplain()
    {
        try
        {
            Run();
        }
        catch (Exception e)
        {
            var operation = _step < 0 ? "creation"
                : _step < _program.Operations.Count ? _program.Operations[_step].ToString()
                : "the end";
            throw new PropertyFailedException(
                $"At step {_step} ({operation}): {e.Message}\n"
                + $"Replay with: ENGINE_PROGRAM='{_program}' dotnet test Engine.PropertyTests --filter Name~Replay\n",
                e);
        }
    }

    private void Run()
    {
        if (_isInMemory)
        {
            _database = EngineHost.OpenInMemory(_program);
        }
        else
        {
            // What the program lets happen first happens while the database is made.
            if (_program.Operations is [{ Kind: OperationKind.Crash or OperationKind.Fault } first, ..])
            {
                _step = 0;
                Execute(first);
            }

            Step(OpenAndCheck);
        }

        _history.MakeDurable();
        for (_step++; _step < _program.Operations.Count; _step++)
        {
            var operation = _program.Operations[_step];
            _lastStep = _disk.Trace?.Count ?? 0;
            _log?.WriteLine($"{_step} {operation}");
            if (operation.Kind == OperationKind.During)
            {
                SetAside(operation, ref _step);
                continue;
            }

            Step(() => Execute(operation));
            _recorder?.AfterStep(Database);
        }

        // A crash that is still waiting comes now at the latest, and what it leaves is checked like any other.
        if (_crash is not null)
        {
            Crash();
        }

        Step(Reopen);
    }

    // Whatever a step throws is judged by what was done to the disk: a dead process and a failed call excuse failures,
    // nothing else does.
    private void Step(Action step)
    {
        // Of an earlier step's failure that the engine coped with there is nothing left.
        _disk.ForgetLastFault();
        try
        {
            step();
        }
        catch (Exception e) when (IsExcused(e))
        {
            _log?.WriteLine($"    {e.GetType().Name}: {e.Message}");
            if (!_disk.IsDead)
            {
                AfterFault(e);
            }
        }

        NoteFlushForRoom();
        if (_disk.Protection.Violation is { } violation)
        {
            throw violation;
        }

        if (_failureInCall is { } failure)
        {
            throw failure;
        }

        if (_disk.IsDead)
        {
            Crash();
        }
    }

    private void Execute(Operation operation)
    {
        switch (operation.Kind)
        {
            case OperationKind.Commit:
                Commit(CommitMode.Durable);
                break;
            case OperationKind.Defer:
                Commit(CommitMode.Deferred);
                break;
            case OperationKind.Flush:
                Flush();
                break;
            case OperationKind.Settle:
                Settle();
                break;
            case OperationKind.Abort:
                Abort();
                break;
            case OperationKind.Open:
                OpenSnapshot();
                break;
            case OperationKind.Close:
                CloseSnapshot(operation.A);
                break;
            case OperationKind.Reopen:
                Reopen();
                break;
            case OperationKind.Decay:
                Close();
                Decay(operation);
                OpenIfClosed();
                break;
            case OperationKind.Crash:
                _crash = operation;
                _disk.ArmCrash(operation.A);
                break;
            case OperationKind.Savepoint or OperationKind.Rollback or OperationKind.Release:
                MoveSavepoints(operation);
                break;
            case OperationKind.Nest:
                Nest();
                break;
            case OperationKind.Merge:
                EndNested(isCommitted: true);
                break;
            case OperationKind.Undo:
                EndNested(isCommitted: false);
                break;
            case OperationKind.Take:
                BeginIfNeeded();
                Take(operation);
                break;
            case OperationKind.Advance:
                BeginIfNeeded();
                Advance(operation);
                break;
            case OperationKind.Reset:
                BeginIfNeeded();
                ResetSequences();
                break;
            case OperationKind.Name or OperationKind.NameOwn or OperationKind.NameHeld or OperationKind.Unname
                or OperationKind.NameAgain:
                BeginIfNeeded();
                ChangeNames(operation);
                break;
            case OperationKind.Move:
                BeginIfNeeded();
                MoveTrees(operation);
                break;
            case OperationKind.PutStored or OperationKind.DeleteStored:
                BeginIfNeeded();
                ChangeStored(operation);
                break;
            case OperationKind.OpenNamed:
                OpenNamed(operation.A);
                break;
            case OperationKind.BackToNamed:
                BeginIfNeeded();
                RollBackToNamed(operation.A);
                break;
            case OperationKind.Fault:
                _disk.Arm(new Fault(operation.A, (FaultKind)(operation.B % 5), (ulong)operation.C));
                break;
            default:
                BeginIfNeeded();
                Change(operation);
                break;
        }
    }

    private void BeginIfNeeded()
    {
        if (_transaction is null)
        {
            _transaction = Database.BeginWrite();
            _working = _history.Attempted;
        }
    }

    private void Commit(CommitMode mode)
    {
        BeginIfNeeded();
        CheckOwnWrites();
        while (_outer.Count > 0)
        {
            EndNested(isCommitted: true);
        }

        if (_isWithinFlush)
        {
            Join(mode);
            return;
        }

        _history.Attempt(_working!.Complete());
        var flight = new Flight(_history.AttemptedIndex) { IsDeferred = mode == CommitMode.Deferred };
        _flights.Add(flight);

        // Another one may be open when this one has been committed.
        using var transaction = ForgetTransaction()!;
        var id = transaction.Commit(mode);
        NoteFlushForRoom();
        RememberFile();
        LandAll(flight, id);
        Check();
    }

    private void Flush()
    {
        if (_transaction is null)
        {
            Database.Flush();
            _history.MakeDurable();
            Check();
        }
    }

    private void Settle()
    {
        // Nobody is told of a failure in the background, nor of the death of the process.
        Database.Core.Writer!.SettleIdle();
        if (_disk.IsDead)
        {
            return;
        }

        if (_disk.LastFault is not null)
        {
            // But the next call is.
            Database.Flush();
        }

        Check();
    }

    private void Abort()
    {
        if (_transaction is null)
        {
            return;
        }

        CheckOwnWrites();
        var transaction = ForgetTransaction()!;
        transaction.Abort();
        transaction.Dispose();
        Check();
    }

    private void OpenSnapshot()
    {
        if (_snapshots.Count < MaxSnapshots)
        {
            var held = new HeldSnapshot(Database.OpenSnapshot(), _history.Published);
            _snapshots.Add(held);
            if (!_isInMemory)
            {
                Pin(held);
            }
        }
    }

    private void CloseSnapshot(int number)
    {
        if (_snapshots.Count > 0)
        {
            var held = _snapshots[number % _snapshots.Count];
            _snapshots.Remove(held);
            _disk.Protection.Unpin(held);
            held.Snapshot.Dispose();
        }
    }

    private void Reopen()
    {
        Close();
        OpenIfClosed();
    }

    private void OpenIfClosed()
    {
        if (!_isInMemory)
        {
            OpenAndCheck();
        }
    }

    private void Close()
    {
        Abort();
        while (_snapshots.Count > 0)
        {
            CloseSnapshot(0);
        }

        if (_isInMemory)
        {
            // Closing would be the end of it.
            return;
        }

        var database = Database;
        _database = null;
        database.Dispose();
        _history.MakeDurable();
    }
}
