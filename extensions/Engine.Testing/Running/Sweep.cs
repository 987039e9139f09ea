using System.Diagnostics;
using Engine.Testing.Simulation;

namespace Engine.Testing.Running;

/// <summary>Crashes a program in all ways that are asked for, and checks what is left.</summary>
internal sealed class Sweep
{
    // After a call that failed the process dies at so many moments, evenly spread.
    private const int MomentsAfterFailure = 12;

    // So many entries of a trace before a moment, at the most, the call was made that stands there.
    private const int EntriesOfACall = 16;

    // So many points are tried on each run of a program with random numbers.
    private const int PointsPerRun = 16;

    private static readonly CrashPlan[] PlansAfterFailure = [CrashPlan.Nothing, CrashPlan.Everything];

    private readonly Recorder _recorder;
    private readonly DiskImage _start;
    private readonly Judge _judge;
    private readonly CrashScratch _scratch = new();
    private readonly long _begin = Stopwatch.GetTimestamp();
    private int _runs;
    private int _moments;
    private int _failedCalls;

    public Sweep(Recorder recorder, Judge judge, Action<Database>? arrange)
    {
        _recorder = recorder;
        _judge = judge;
        _start = recorder.Arrange(arrange);
    }

    private CrashReport Report => new(_runs, _moments, _judge.States, _failedCalls, Stopwatch.GetElapsedTime(_begin));

    /// <summary>Kills and power cuts at every moment.</summary>
    public CrashReport EveryPoint()
    {
        var recording = RecordClean(0);
        try
        {
            var seen = new SeenStates();
            recording.Walk(
                0,
                recording.Moments - 1,
                (moment, state, facts) => Visit(recording, moment, state, facts, LossPlans.Of(state), seen));
            return Report;
        }
        finally
        {
            recording.Discard();
        }
    }

    /// <summary>Every call fails once in every way, and the process dies at moments afterwards.</summary>
    public CrashReport EveryFailure()
    {
        var clean = RecordClean(0);
        clean.Discard();
        for (var call = 0; call < clean.Calls.Count; call++)
        {
            foreach (var kind in FaultKinds.Of(clean.Calls[call]))
            {
                VisitFailure(new Fault(call, kind, (ulong)call));
            }
        }

        return Report;
    }

    /// <summary>Points at random, on runs with random numbers.</summary>
    /// <param name="seed">What decides.</param>
    /// <param name="goesOn">Whether to go on after so many points.</param>
    public CrashReport AtRandom(ulong seed, Func<int, bool> goesOn)
    {
        var points = 0;
        for (var round = 0UL; goesOn(points); round++)
        {
            var program = new DrawnPoint(Dice.Mix(seed + round));
            var clean = RecordClean(program.Program);
            try
            {
                for (var i = 0; i < PointsPerRun && goesOn(points); i++, points++)
                {
                    VisitDrawn(clean, new DrawnPoint(Dice.Mix(program.Program + (ulong)i)));
                }
            }
            finally
            {
                clean.Discard();
            }
        }

        return Report;
    }

    /// <summary>One point.</summary>
    /// <exception cref="InvalidOperationException">The program has no such point.</exception>
    public CrashReport At(CrashPoint point)
    {
        if (point.Seed is { } seed)
        {
            var drawn = new DrawnPoint(seed);
            var clean = RecordClean(drawn.Program);
            try
            {
                VisitDrawn(clean, drawn);
                return Report;
            }
            finally
            {
                clean.Discard();
            }
        }

        var recording = Record(point.Program, point.Fault);
        try
        {
            if (point.Moment >= recording.Moments || recording.Fault is not null && !recording.HasFailed)
            {
                throw new InvalidOperationException(
                    $"The program has no point '{point}': it made {recording.Calls.Count} storage calls and can die at "
                    + $"{recording.Moments} moments. It is not the program that the line was printed for, or does not "
                    + "do the same in each run.");
            }

            recording.Walk(
                point.Moment,
                point.Moment,
                (_, state, facts) => Check(recording, point, state, facts));
            return Report;
        }
        finally
        {
            recording.Discard();
        }
    }

    private void VisitFailure(Fault fault)
    {
        var recording = Record(0, fault);
        try
        {
            if (!recording.HasFailed)
            {
                return;
            }

            var seen = new SeenStates();
            var last = recording.Moments - 1;
            var step = Math.Max(1, (last + MomentsAfterFailure - 2) / (MomentsAfterFailure - 1));
            recording.Walk(
                0,
                last,
                (moment, state, facts) =>
                {
                    if (moment % step == 0 || moment == last)
                    {
                        Visit(recording, moment, state, facts, PlansAfterFailure, seen);
                    }
                });
        }
        finally
        {
            recording.Discard();
        }
    }

    private void VisitDrawn(Recording clean, DrawnPoint drawn)
    {
        var fault = drawn.FaultOf(clean.Calls);
        var recording = fault is null ? clean : Record(clean.Seed, fault);
        try
        {
            var moment = drawn.MomentOf(recording);
            recording.Walk(
                moment,
                moment,
                (_, state, facts) =>
                {
                    _moments++;
                    Check(
                        recording,
                        drawn.IsKill
                            ? PointAt(recording, moment, CrashKind.Kill)
                            : PointAt(recording, moment, CrashKind.PowerCut, drawn.PlanOf(state)),
                        state,
                        facts);
                });
        }
        finally
        {
            if (fault is not null)
            {
                recording.Discard();
            }
        }
    }

    private void Visit(
        Recording recording,
        int moment,
        DiskState state,
        IReadOnlyList<object> facts,
        IEnumerable<CrashPlan> plans,
        SeenStates seen)
    {
        _moments++;
        if (seen.Add(_scratch.Crash(state, CrashPlan.Everything), isKill: true, facts.Count))
        {
            Check(recording, PointAt(recording, moment, CrashKind.Kill), state, facts);
        }

        foreach (var plan in plans)
        {
            if (seen.Add(_scratch.Crash(state, plan), isKill: false, facts.Count))
            {
                Check(recording, PointAt(recording, moment, CrashKind.PowerCut, plan), state, facts);
            }
        }
    }

    private void Check(Recording recording, CrashPoint point, DiskState state, IReadOnlyList<object> facts)
    {
        var plan = point.Kind == CrashKind.PowerCut ? point.Plan : CrashPlan.Everything;
        try
        {
            _judge.Check(
                new Crash(point, point.Kind, recording.HasFailed, [.. facts]),
                _scratch.Crash(state, plan).ToImage());
        }
        catch (Exception e) when (e is not CrashTestException)
        {
            var headline = point is { Kind: CrashKind.None, Fault: null }
                ? "The check fails without any crash"
                : "The check fails after a crash";
            throw new CrashTestException(
                $"{headline}: {e.Message}"
                + Explanation.Of(recording, point, state, facts, StackAt(recording, point.Moment)),
                point,
                e);
        }
    }

    /// <summary>A run in which no call fails, at whose end all is well.</summary>
    private Recording RecordClean(ulong seed)
    {
        var recording = Record(seed, null);
        if (recording.Writes == 0)
        {
            throw new InvalidOperationException(
                "The program of this crash test has written nothing to its database, so there is nothing that a crash "
                + "could lose. Does it use the database that it is given?");
        }

        var last = recording.Moments - 1;
        recording.Walk(
            last,
            last,
            (_, state, facts) => Check(recording, PointAt(recording, last, CrashKind.None), state, facts));
        return recording;
    }

    private Recording Record(ulong seed, Fault? fault)
    {
        _runs++;
        var recording = _recorder.Record(_start, seed, fault);
        _failedCalls += recording.HasFailed ? 1 : 0;
        return recording;
    }

    /// <summary>
    /// What the program was doing when a call failed, or else at the moment of the crash; found out by running it once
    /// more.
    /// </summary>
    private List<string> StackAt(Recording recording, int moment)
    {
        var place = recording.PlaceOf(moment);
        if (recording.Fault is null && recording.Next(moment) is null)
        {
            return [];
        }

        bool IsIt(int call, int length) => recording.Fault is { } fault
            ? call == fault.Calls
            : length <= place && length > place - EntriesOfACall;

        StackTrace? stack = null;
        try
        {
            _recorder.Record(
                _start,
                recording.Seed,
                recording.Fault,
                (call, length) => stack = IsIt(call, length) ? new StackTrace(fNeedFileInfo: true) : stack)
                .Discard();
        }
        catch (CrashTestException)
        {
            // It does not do the same in each run. The rest of the message stands without this.
        }

        return stack is null ? [] : Explanation.FramesOf(stack);
    }

    private static CrashPoint PointAt(Recording recording, int moment, CrashKind kind, CrashPlan plan = default) =>
        new() { Program = recording.Seed, Fault = recording.Fault, Moment = moment, Kind = kind, Plan = plan };
}
