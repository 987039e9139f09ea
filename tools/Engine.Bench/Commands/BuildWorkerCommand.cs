using System.CommandLine;
using Engine.Bench.Builds;
using Engine.Bench.Measuring;
using Engine.Bench.Workloads;

namespace Engine.Bench.Commands;

/// <summary><c>build-worker</c>: what <c>compare --baseline-build</c> starts for each build.</summary>
internal static class BuildWorkerCommand
{
    public static Command Create()
    {
        Option<long> entries = CompareOptions.Entries();
        Option<int> valueSize = CompareOptions.ValueSize();
        Option<int> readers = CompareOptions.Readers();
        Option<ulong> seed = CompareOptions.Seed();
        Option<string?> directory = CompareOptions.Directory();
        Option<bool> sync = CompareOptions.Sync();
        Option<long?> operationLimit = CompareOptions.OperationLimit();
        Option<string?> workloads = new("--workloads") { Description = "Their names." };
        Command command = new("build-worker", "Runs workloads that it is told on standard input.")
        {
            entries, valueSize, readers, seed, directory, sync, operationLimit, workloads,
        };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            Scale scale = new(parsed.GetValue(entries), parsed.GetValue(seed), parsed.GetValue(valueSize))
            {
                OperationLimit = parsed.GetValue(operationLimit),
            };
            ComparisonSettings settings = new(
                scale,
                Runs: 1,
                WorkloadCatalog.Select(parsed.GetValue(workloads)),
                parsed.GetValue(directory) ?? throw new BenchException("--dir is missing."),
                CompareOptions.Batches(parsed.GetValue(sync)),
                parsed.GetValue(readers),
                WarmUp: true,
                Limits: false,
                Memory: null);
            BuildWorker.Serve(settings, Console.In, Console.Out);
            return 0;
        });
        return command;
    }
}
