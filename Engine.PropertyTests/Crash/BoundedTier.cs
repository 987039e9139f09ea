using Engine.PropertyTests.Model;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Crash;

/// <summary>
/// The bounded-exhaustive tier: runs every program of a space and judges every crash state within the bounds. A
/// program's crashes before its last operation are those of the program without it, so only what the last operation and
/// the closing do is enumerated; and states that several programs lead to, with the same states allowed, are judged
/// once.
/// </summary>
internal sealed class BoundedTier
{
    private readonly ProgramSpace _space;
    private readonly SeenImages _seen = new();
    private readonly SeenImages _seenTwice = new();
    private readonly SeenImages _seenAgain = new();
    private readonly ProgramStart _start;
    private long _programs;
    private long _states;
    private long _again;

    public BoundedTier(ProgramSpace space)
    {
        _space = space;
        _start = ProgramStart.After(space.Beginning);
    }

    /// <summary>Programs run so far.</summary>
    public long Programs => Volatile.Read(ref _programs);

    /// <summary>Different states judged so far.</summary>
    public RunResult Result => new(Volatile.Read(ref _states), Volatile.Read(ref _again));

    /// <summary>Runs a part of the programs; all parts together are all. Several may run at once.</summary>
    /// <exception cref="PropertyFailedException">A state is none that the engine may leave.</exception>
    public void Run(int part, int parts, CancellationToken stopped = default)
    {
        var last = _space.Programs;
        for (var number = (long)part; number < last && !stopped.IsCancellationRequested; number += parts)
        {
            Run(Decode(number));
        }
    }

    // Number 0 is the empty program; then all of length 1, of length 2, and so on.
    private List<Operation> Decode(long number)
    {
        var operations = new List<Operation>();
        for (; number > 0; number = (number - 1) / _space.Alphabet.Count)
        {
            operations.Add(_space.Alphabet[(int)((number - 1) % _space.Alphabet.Count)]);
        }

        operations.Reverse();
        return operations;
    }

    private void Run(List<Operation> operations)
    {
        var isTwice = operations.Count <= _space.TwoCrashes;
        var bounds = isTwice ? _space.Bounds with { Depth = 2 } : _space.Bounds with { Depth = 1 };
        var program = _space.Beginning with { Operations = operations };
        var trace = new DiskTrace();
        var judge = new CrashJudge(program, bounds, isTwice ? _seenTwice : _seen, _seenAgain);
        var state = new DiskState(new ImageView(_start.Image));
        try
        {
            var run = ProgramRunner.Record(program, trace, _start);
            TraceWalk.Visit(
                state,
                trace,
                durable: 0,
                attempted: 0,
                bounds,
                (image, durable, attempted, shown) => judge.Judge(image, run.States, durable, attempted, shown),
                run.LastStep);
        }
        catch (Exception e) when (e is CrashStateException or PropertyFailedException)
        {
            var whole = program with
            {
                Operations = [.. _space.Beginning.Operations, new Operation(OperationKind.Reopen), .. operations]
            };
            throw new PropertyFailedException(
                $"{e.Message}\nReplay with: ENGINE_SWEEP='{whole}' dotnet test Engine.PropertyTests --filter "
                + "Name~Replay\n",
                e);
        }
        finally
        {
            state.Discard();
            trace.Discard();
            Interlocked.Add(ref _states, judge.States);
            Interlocked.Add(ref _again, judge.StatesOfDepthTwo);
            Interlocked.Increment(ref _programs);
        }
    }
}
