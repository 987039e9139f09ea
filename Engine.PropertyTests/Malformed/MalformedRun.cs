using System.Diagnostics;
using System.Globalization;

namespace Engine.PropertyTests.Malformed;

/// <summary>
/// Runs executions in processes of their own, some thousands each, and watches them: a crash, a hang, an answer that is
/// wrong, an exception of the wrong type or too much memory is a finding, which is shrunk and after which a new process
/// goes on with the next execution.
/// </summary>
internal sealed class MalformedRun(ulong seed, string directory)
{
    /// <summary>Executions per process, so that a leak shows as too much memory, and a crash costs little.</summary>
    private const long PerProcess = 50_000;

    /// <summary>An execution takes about a millisecond; the machine may be busy.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>
    /// The runtime and its compiler have about 100 MiB; the rest is what malformed files made the engine take.
    /// </summary>
    private const long MemoryLimit = 400L << 20;

    private readonly SortedDictionary<string, long> _outcomes = new(StringComparer.Ordinal);

    public List<MalformedFinding> Findings { get; } = [];

    public long Executions { get; private set; }

    public long PeakMemory { get; private set; }

    /// <summary>How executions ended, by what was mended.</summary>
    public IReadOnlyDictionary<string, long> Outcomes => _outcomes;

    /// <summary>Runs until the count or the time is used up, or ten findings were made.</summary>
    public void Run(long first, long count, TimeSpan budget)
    {
        var clock = Stopwatch.StartNew();
        var next = first;
        while (next < first + count && clock.Elapsed < budget && Findings.Count < 10)
        {
            next = RunProcess(next, Math.Min(PerProcess, first + count - next), budget - clock.Elapsed);
        }
    }

    /// <summary>Runs one program in a process of its own.</summary>
    /// <returns>What is wrong; null if nothing is.</returns>
    public string? Try(MalformedProgram program)
    {
        // Not where the other process works: it may still be running.
        using var host = new MalformedHost(Path.Combine(directory, "shrinking"));
        if (!host.ReadLineAsync().Wait(Patience))
        {
            return "the process does not start";
        }

        var answer = host.Ask($"program {program}", Patience);
        return answer is null ? host.Describe() : answer.StartsWith('!') ? answer[1..] : null;
    }

    private long RunProcess(long from, long count, TimeSpan budget)
    {
        using var host = new MalformedHost(directory);
        var line = host.ReadLineAsync();
        var seen = -1L;
        var (quiet, clock) = (Stopwatch.StartNew(), Stopwatch.StartNew());
        if (line.Wait(Patience) && line.Result is not null)
        {
            host.Send(string.Create(CultureInfo.InvariantCulture, $"run {seed} {from} {count}"));
            line = host.ReadLineAsync();
        }

        while (true)
        {
            if (line.Wait(TimeSpan.FromMilliseconds(100)))
            {
                if (line.Result is not { } text)
                {
                    return AddCrash(host, from, "crashed");
                }

                if (text.StartsWith("done ", StringComparison.Ordinal))
                {
                    AddOutcomes(text);
                    Executions += count;
                    return from + count;
                }

                AddViolation(text);
                line = host.ReadLineAsync();
                continue;
            }

            PeakMemory = Math.Max(PeakMemory, host.PeakMemory);
            if (host.Progress is var progress && progress != seen)
            {
                seen = progress;
                quiet.Restart();
            }
            else if (quiet.Elapsed > Patience)
            {
                return AddCrash(host, from, "hangs");
            }

            if (PeakMemory > MemoryLimit)
            {
                return AddCrash(host, from, $"took {PeakMemory >> 20} MiB");
            }

            if (clock.Elapsed > budget)
            {
                Executions += Math.Max(0, seen - from);
                return long.MaxValue;
            }
        }
    }

    private long AddCrash(MalformedHost host, long from, string how)
    {
        var index = Math.Max(from, host.Progress);
        var problem = how == "crashed" ? $"crashed: {host.Describe()}" : how;
        host.Dispose();
        Executions += index - from + 1;
        Findings.Add(new MalformedFinding(index, Shrink(MalformedProgram.Create(seed, index)), problem));
        return index + 1;
    }

    private void AddViolation(string text)
    {
        var words = text.Split(' ', 3);
        var index = long.Parse(words[1], CultureInfo.InvariantCulture);
        Findings.Add(new MalformedFinding(index, Shrink(MalformedProgram.Create(seed, index)), words[2]));
    }

    private MalformedProgram Shrink(MalformedProgram program)
    {
        while (program.Shrink().FirstOrDefault(smaller => Try(smaller) is not null) is { } smaller)
        {
            program = smaller;
        }

        return program;
    }

    private void AddOutcomes(string line)
    {
        var words = line.Split(' ');
        PeakMemory = Math.Max(PeakMemory, long.Parse(words[1], CultureInfo.InvariantCulture));
        foreach (var word in words.Skip(2))
        {
            var at = word.LastIndexOf('=');
            var key = word[..at];
            _outcomes[key] =
                _outcomes.GetValueOrDefault(key) + long.Parse(word[(at + 1)..], CultureInfo.InvariantCulture);
        }
    }
}
