using System.CommandLine;
using Engine.Bench.Footprints;
using Engine.Bench.Peers;
using Engine.Bench.Processes;
using Engine.Bench.Workloads;

namespace Engine.Bench.Commands;

/// <summary><c>memory-worker</c>: what <c>memory</c> starts for each engine.</summary>
internal static class MemoryWorkerCommand
{
    public static Command Create()
    {
        Argument<string> task = new("task") { Description = "What to do." };
        Argument<string> peer = new("peer") { Description = "The engine." };
        Option<long> entries = CompareOptions.Entries();
        Option<int> valueSize = CompareOptions.ValueSize();
        Option<ulong> seed = CompareOptions.Seed();
        Option<string?> directory = CompareOptions.Directory();
        Option<bool> varied = CompareOptions.VariedValues();
        Command command = new("memory-worker", "Fills or reads a database and tells what it takes.")
        {
            task, peer, entries, valueSize, seed, directory, varied,
        };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            IPeer engine = PeerCatalog.Get(parsed.GetValue(peer)!);
            string place = parsed.GetValue(directory) ?? throw new BenchException("--dir is missing.");
            string filled = Path.Combine(place, "filled");
            Scale scale = new(parsed.GetValue(entries), parsed.GetValue(seed), parsed.GetValue(valueSize))
            {
                HasVariedValues = parsed.GetValue(varied),
            };
            switch (parsed.GetValue(task))
            {
                case FootprintMeasurement.FillTask:
                    FootprintWorker.Fill(engine, filled, scale);
                    Console.WriteLine(FootprintMeasurement.FillTask);
                    return 0;
                case FootprintMeasurement.ReadTask:
                    string empty = Path.Combine(place, "empty");
                    Console.WriteLine(LineJson.Write(FootprintWorker.Read(engine, filled, empty, scale)));
                    return 0;
                default:
                    throw new BenchException($"There is no task \"{parsed.GetValue(task)}\".");
            }
        });
        return command;
    }
}
