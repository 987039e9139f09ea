using System.CommandLine;
using System.Diagnostics;
using Engine.Bench.Data;
using Engine.Bench.Measuring;
using Engine.Bench.Peers;
using Engine.Bench.Workloads;

namespace Engine.Bench.Commands;

/// <summary><c>profile WORKLOAD</c>: one workload on one engine in a loop, for a profiler to look at.</summary>
internal static class ProfileCommand
{
    public static Command Create()
    {
        Argument<string> workload = new("workload") { Description = "Its name." };
        Option<long> entries = CompareOptions.Entries();
        Option<int> valueSize = CompareOptions.ValueSize();
        Option<int> readers = CompareOptions.Readers();
        Option<ulong> seed = CompareOptions.Seed();
        Option<string?> directory = CompareOptions.Directory();
        Option<bool> sync = CompareOptions.Sync();
        Option<double> seconds =
            new("--seconds") { Description = "How long, preparation not counted.", DefaultValueFactory = _ => 10 };
        Option<string> peer = new("--peer") { Description = "The engine.", DefaultValueFactory = _ => PeerCatalog.Own };
        Command command = new("profile", "Runs one workload on one engine in a loop, for a profiler.")
        {
            workload, entries, valueSize, readers, seed, directory, sync, seconds, peer,
        };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            Workload chosen = WorkloadCatalog.Select(parsed.GetValue(workload)).Single();
            using ScratchDirectory scratch =
                ScratchDirectory.Create(parsed.GetValue(directory), Console.Error.WriteLine);
            Scale scale = new(parsed.GetValue(entries), parsed.GetValue(seed), parsed.GetValue(valueSize));
            IPeer engine = PeerCatalog.Get(parsed.GetValue(peer)!);
            using PeerSession session = new(engine, engine.Name, Path.Combine(scratch.Path, "profile"), scale);
            Loop(
                session,
                chosen,
                CompareOptions.Batches(parsed.GetValue(sync)),
                parsed.GetValue(readers),
                TimeSpan.FromSeconds(parsed.GetValue(seconds)));
            return 0;
        });
        return command;
    }

    private static void Loop(PeerSession session, Workload workload, CommitKind batches, int readers, TimeSpan duration)
    {
        TimeSpan spent = TimeSpan.Zero;
        for (int run = 0; spent < duration; run++)
        {
            session.Prepare(workload);
            if (run == 0)
            {
                Console.Error.WriteLine($"process {Environment.ProcessId}: prepared, {workload.Name} begins");
            }

            OperationRange range = new(0, workload.Operations(session.Scale));
            long start = Stopwatch.GetTimestamp();
            Outcome outcome = workload.Execute(
                new WorkloadRun(session.Database, session.Scale, range, workload.RunNumber(run), batches, readers));
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            spent += elapsed;
            session.Finish(workload);
            Console.WriteLine(
                $"{Quantity.Time(elapsed.TotalNanoseconds / Math.Max(outcome.Operations, 1))} per {workload.Unit}");
        }
    }
}
