using System.Diagnostics;
using System.Globalization;
using Engine.PropertyTests.Malformed;
using Engine.Tests.Infrastructure;

namespace Engine.PropertyTests;

/// <summary>
/// What this assembly does as a process of its own: `malformed` and `corpus` for people (docs/malformed-files.md), the
/// worker for its tests.
/// </summary>
internal static class Program
{
    /// <summary>Makes the process serve malformed files; the directory to work in follows.</summary>
    public const string MalformedWorkerCommand = "malformed-worker";

    private static int Main(string[] args)
    {
        switch (args)
        {
            case [MalformedWorkerCommand, var directory]:
                MalformedWorker.Run(directory);
                return 0;
            case ["malformed", .. var options]:
                return RunMalformed(options);
            case ["corpus", var corpus]:
                using (var scratch = new ScratchDirectory())
                {
                    MalformedCorpus.Generate(corpus, scratch.Path);
                }

                return 0;
            case ["corpus", var corpus, var name, var reading, var program]:
                MalformedCorpus.Add(corpus, name, reading, MalformedProgram.Parse(program));
                return 0;
            case [PlainTestRun.Command, .. var patterns]:
                return PlainTestRun.Run(patterns);
            default:
                Console.Error.WriteLine(
                    "malformed [--executions N] [--seed S] [--first I] [--program TEXT] | corpus DIRECTORY [NAME "
                    + "READING PROGRAM]. The tests run under 'dotnet test'.");
                return 2;
        }
    }

    private static int RunMalformed(string[] options)
    {
        long count = 100_000, first = 0;
        var seed = (ulong)Stopwatch.GetTimestamp();
        MalformedProgram? program = null;
        for (var i = 0; i + 1 < options.Length; i += 2)
        {
            switch (options[i])
            {
                case "--executions":
                    count = (long)double.Parse(options[i + 1], CultureInfo.InvariantCulture);
                    break;
                case "--seed":
                    seed = ulong.Parse(options[i + 1], CultureInfo.InvariantCulture);
                    break;
                case "--first":
                    first = long.Parse(options[i + 1], CultureInfo.InvariantCulture);
                    break;
                case "--program":
                    program = MalformedProgram.Parse(options[i + 1]);
                    break;
                default:
                    Console.Error.WriteLine($"{options[i]}: unknown option");
                    return 2;
            }
        }

        using var scratch = new ScratchDirectory();
        var run = new MalformedRun(seed, scratch.Path);
        if (program is not null)
        {
            var problem = run.Try(program);
            Console.WriteLine(problem ?? "fine");
            return problem is null ? 0 : 1;
        }

        Console.WriteLine($"seed {seed}, {count} executions from {first}");
        var clock = Stopwatch.StartNew();
        run.Run(first, count, TimeSpan.MaxValue);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Executions} executions in {clock.Elapsed.TotalSeconds:F0} s, "
            + $"{run.Executions / clock.Elapsed.TotalSeconds:F0} a second, peak memory {run.PeakMemory >> 20} MiB, "
            + $"{run.Findings.Count} findings"));
        foreach (var (outcome, number) in run.Outcomes)
        {
            Console.WriteLine($"  {outcome,-40} {number}");
        }

        foreach (var finding in run.Findings)
        {
            Console.WriteLine($"{finding.Index}: --program '{finding.Program}': {finding.Problem}");
        }

        return run.Findings.Count == 0 ? 0 : 1;
    }
}
