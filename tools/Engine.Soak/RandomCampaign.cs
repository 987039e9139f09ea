using System.Diagnostics;
using Engine.PropertyTests.Campaign;
using Engine.PropertyTests.Model;

namespace Engine.Soak;

/// <summary>
/// Runs random programs on several cores until the time is over, enough states were judged, a program fails, or
/// somebody stops it.
/// </summary>
internal sealed class RandomCampaign
{
    private static readonly TimeSpan SuspiciouslyLong = TimeSpan.FromMinutes(2);

    private readonly RandomOptions _options;
    private readonly TextWriter _output;
    private readonly CancellationToken _interrupted;
    private readonly Tally _tally = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly (OperationProgram Program, TimeSpan Since)?[] _running;
    private volatile Failure? _failure;

    public RandomCampaign(RandomOptions options, TextWriter output, CancellationToken interrupted)
    {
        _options = options;
        _output = output;
        _interrupted = interrupted;
        _running = new (OperationProgram, TimeSpan)?[options.Cores];
    }

    private bool IsOver =>
        _interrupted.IsCancellationRequested
        || _failure is not null
        || _watch.Elapsed >= _options.Time
        || (_options.States > 0 && _tally.States >= _options.States);

    /// <returns>The exit code.</returns>
    public int Run()
    {
        var mixture = _options.Profile?.ToString().ToLowerInvariant() ?? "all";
        _output.WriteLine(
            $"seed {_options.Seed}, profile {mixture}, {_options.Cores} cores; the same seed and number of cores give "
            + $"the same programs");
        var threads = new Thread[_options.Cores];
        for (var core = 0; core < threads.Length; core++)
        {
            var number = core;
            threads[core] = new Thread(() => Work(number), maxStackSize: 16 << 20) { IsBackground = true };
            threads[core].Start();
        }

        for (var next = _options.Interval; !Array.TrueForAll(threads, static t => !t.IsAlive);)
        {
            Thread.Sleep(50);
            if (_watch.Elapsed >= next)
            {
                next += _options.Interval;
                Print("so far");
                PrintSlow();
            }
        }

        Print(_failure is not null ? "failed" : _interrupted.IsCancellationRequested ? "stopped" : "done");
        if (_failure is { } failure)
        {
            Explain(failure);
            return ExitCode.Failed;
        }

        _output.WriteLine("no violation");
        return ExitCode.Done;
    }

    private void Work(int core)
    {
        for (ulong index = 0; !IsOver; index++)
        {
            var seed = RandomTier.SeedOf(_options.Seed, core, index);
            var profile = _options.Profile ?? RandomTier.ProfileOf(index);
            var program = RandomTier.Generate(profile, seed);
            _running[core] = (program, _watch.Elapsed);
            try
            {
                _tally.Add(profile, RandomTier.Run(profile, program));
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref _failure, new Failure(profile, seed, program, e), null);
            }

            _running[core] = null;
        }
    }

    private void Print(string what)
    {
        var seconds = _watch.Elapsed.TotalSeconds;
        var processor = Environment.CpuUsage.TotalTime.TotalSeconds;
        long states = _tally.States, again = _tally.StatesOfDepthTwo;
        foreach (var line in _tally.Describe())
        {
            _output.WriteLine(line);
        }

        _output.WriteLine(
            $"{what} after {_watch.Elapsed:hh\\:mm\\:ss}: {_tally.Programs:N0} programs, {states:N0} states and "
            + $"{again:N0} of depth two; {(states + again) / seconds:N0} per second, {(states + again) / processor:N0} "
            + $"per second of processor time");
        _output.Flush();
    }

    private void PrintSlow()
    {
        foreach (var running in _running)
        {
            if (running is { } slow && _watch.Elapsed - slow.Since > SuspiciouslyLong)
            {
                _output.WriteLine(
                    $"  this program has been running for {_watch.Elapsed - slow.Since:mm\\:ss}: {slow.Program}");
            }
        }
    }

    private void Explain(Failure failure)
    {
        _output.WriteLine(
            $"program {failure.Seed} of profile {failure.Profile.ToString().ToLowerInvariant()} failed: "
            + $"{failure.Exception.Message}");
        _output.WriteLine(failure.Exception.ToString());
        _output.WriteLine($"shrinking it for at most {_options.ShrinkTime.TotalSeconds:N0} seconds");
        _output.Flush();
        var problem = failure.Exception.Message;
        var smallest = Shrinker.Shrink(
            failure.Program, program => Fails(failure.Profile, program, ref problem), _options.ShrinkTime);
        var isSweep = failure.Profile == Profile.Sweep;
        var path = Fixture.Save(_options.Out, isSweep, smallest, problem);
        _output.WriteLine($"the smallest that fails: {smallest}");
        _output.WriteLine($"  {problem}");
        _output.WriteLine(
            $"saved as {path}; replay it with: Engine.Soak replay {(isSweep ? "--sweep " : "")}'{smallest}'");
        _output.Flush();
    }

    private bool Fails(Profile profile, OperationProgram program, ref string problem)
    {
        if (_interrupted.IsCancellationRequested)
        {
            return false;
        }

        try
        {
            RandomTier.Run(profile, program);
            return false;
        }
        catch (Exception e)
        {
            problem = e.Message;
            return true;
        }
    }
}
