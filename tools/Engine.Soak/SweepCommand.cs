using System.CommandLine;
using System.Diagnostics;
using Engine.PropertyTests.Crash;
using Engine.PropertyTests.Model;

namespace Engine.Soak;

/// <summary>The bounded-exhaustive tier, to its end.</summary>
internal static class SweepCommand
{
    public static Command Create(TextWriter output, CancellationToken interrupted)
    {
        var bound = new Option<string>("--bound")
        {
            Description = "What is enumerated (docs/crash-testing.md)",
            DefaultValueFactory = _ => "full"
        };
        bound.AcceptOnlyFromAmong("small", "full");
        var cores = new Option<int>("--cores")
        {
            Description = "Programs run at once",
            DefaultValueFactory = _ => Environment.ProcessorCount
        };
        cores.Validators.Add(static result => Require(result));
        var command = new Command(
            "sweep", "All programs of a bounded size, with all crash states within bounds") { bound, cores };
        command.SetAction(parsed =>
        {
            var watch = Stopwatch.StartNew();
            var total = default(RunResult);
            foreach (var space in parsed.GetValue(bound) == "small" ? ProgramSpace.Small : ProgramSpace.Full)
            {
                var tier = new BoundedTier(space);
                var code = Run(tier, space, parsed.GetValue(cores), watch, output, interrupted);
                total = new RunResult(
                    total.States + tier.Result.States, total.StatesOfDepthTwo + tier.Result.StatesOfDepthTwo);
                if (code is not null)
                {
                    return code.Value;
                }
            }

            output.WriteLine(
                $"complete after {watch.Elapsed:hh\\:mm\\:ss}: {total.States:N0} states and "
                + $"{total.StatesOfDepthTwo:N0} of depth two, no violation");
            return ExitCode.Done;
        });
        return command;
    }

    private static int? Run(
        BoundedTier tier,
        ProgramSpace space,
        int cores,
        Stopwatch watch,
        TextWriter output,
        CancellationToken interrupted)
    {
        output.WriteLine(
            $"{space.Name}: {space.Programs:N0} programs of up to {space.Length} of {space.Alphabet.Count} operations; "
            + $"two crashes up to length {space.TwoCrashes}");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(interrupted);
        Exception? failure = null;
        var threads = new Thread[cores];
        for (var core = 0; core < cores; core++)
        {
            var part = core;
            threads[core] = new Thread(
                () =>
                {
                    try
                    {
                        tier.Run(part, cores, stop.Token);
                    }
                    catch (Exception e)
                    {
                        Interlocked.CompareExchange(ref failure, e, null);
                        stop.Cancel();
                    }
                },
                maxStackSize: 16 << 20);
            threads[core].Start();
        }

        for (var ticks = 1; !Array.TrueForAll(threads, static t => t.Join(20)); ticks++)
        {
            if (ticks % 500 == 0)
            {
                Print("so far", tier, watch, output);
            }
        }

        Print(
            failure is not null ? "failed" : interrupted.IsCancellationRequested ? "stopped" : "done",
            tier,
            watch,
            output);
        if (failure is not null)
        {
            output.WriteLine(failure.ToString());
            return ExitCode.Failed;
        }

        return interrupted.IsCancellationRequested ? ExitCode.Done : null;
    }

    private static void Print(string what, BoundedTier tier, Stopwatch watch, TextWriter output)
    {
        var processor = Environment.CpuUsage.TotalTime.TotalSeconds;
        var (states, again) = tier.Result;
        output.WriteLine(
            $"  {what} after {watch.Elapsed:hh\\:mm\\:ss} ({processor:N0} s of processor time): {tier.Programs:N0} "
            + $"programs, {states:N0} states and {again:N0} of depth two");
        output.Flush();
    }

    private static void Require(System.CommandLine.Parsing.OptionResult result)
    {
        if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var cores) && cores is < 1 or > 1024)
        {
            result.AddError("--cores must be 1 to 1024");
        }
    }
}
