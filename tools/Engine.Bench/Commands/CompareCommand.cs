using System.CommandLine;
using System.Diagnostics;
using Engine.Bench.ControlGroups;
using Engine.Bench.Data;
using Engine.Bench.Measuring;
using Engine.Bench.Peers;
using Engine.Bench.Peers.Own;
using Engine.Bench.Reports;
using Engine.Bench.Workloads;

namespace Engine.Bench.Commands;

/// <summary><c>compare</c>: the same workloads on this engine and on others.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        Option<long> entries = CompareOptions.Entries();
        Option<int> valueSize = CompareOptions.ValueSize();
        Option<int> readers = CompareOptions.Readers();
        Option<ulong> seed = CompareOptions.Seed();
        Option<string?> directory = CompareOptions.Directory();
        Option<bool> sync = CompareOptions.Sync();
        Option<long?> memoryLimit = CompareOptions.MemoryLimit();
        Option<long?> operationLimit = CompareOptions.OperationLimit();
        Option<int> runs = new("--runs")
        {
            Description = "Timed runs of each workload on each engine; the table shows medians, which want 3 at least.",
            DefaultValueFactory = _ => 3
        };
        Option<string?> workloads = new("--workloads")
        {
            Description = $"Names or patterns with * and ?, separated by commas: "
                + $"{string.Join(", ", WorkloadCatalog.All.Select(each => each.Name))}."
        };
        Option<string> peers = new("--peers")
        {
            Description =
                $"What to compare with, separated by commas: {string.Join(", ", PeerCatalog.Names)}; or none.",
            DefaultValueFactory = _ => "lmdb"
        };
        Option<string> baseline = new("--baseline")
        {
            Description = "The engine the others are compared with. The same name here and in --peers shows the noise.",
            DefaultValueFactory = _ => PeerCatalog.Own
        };
        ReportOptions output = new();
        Option<bool> cold = new("--no-warm-up")
        {
            Description = "Time code that the JIT may not have optimised yet: for checks of the tool, not for figures."
        };
        Option<bool> noLimits = new("--no-limits")
        {
            Description = "Do not measure the unavoidable work of each workload beside it (docs/performance.md)."
        };
        Option<bool> quiet = new("--quiet") { Description = "No progress on standard error." };

        Command command = new(
            "compare",
            "Runs the same workloads on this engine and on others, in turn, and shows ratios of their times.")
        {
            entries, valueSize, runs, workloads, peers, baseline, readers, directory, seed, sync, memoryLimit,
            operationLimit, cold, noLimits, quiet,
        };
        output.AddTo(command);
        command.SetAction(parsed =>
        {
            Action<string> progress = parsed.GetValue(quiet) ? _ => { } : Console.Error.WriteLine;
            List<IPeer> chosen = [PeerCatalog.Get(parsed.GetValue(baseline)!), .. OtherPeers(parsed.GetValue(peers)!)];
            if (parsed.GetValue(runs) is var count && count < 3)
            {
                Console.Error.WriteLine($"warning: {Math.Max(count, 1)} runs show no spread; 3 or more do.");
            }

            IReadOnlyList<Workload> selected = WorkloadCatalog.Select(parsed.GetValue(workloads));
            Scale scale = new(parsed.GetValue(entries), parsed.GetValue(seed), parsed.GetValue(valueSize))
            {
                MemoryLimit = parsed.GetValue(memoryLimit),
                OperationLimit = parsed.GetValue(operationLimit),
            };
            if (scale.MemoryLimit is { } limit && scale.DataBytes < limit)
            {
                Console.Error.WriteLine(
                    $"warning: the data set, {Quantity.Bytes(scale.DataBytes)}, fits the memory limit.");
            }

            // Before any file is opened: what was read outside of the group would not count in it. And it is left after
            // the files are deleted.
            using MemoryGroup? memory = scale.MemoryLimit is { } bytes ? MemoryGroup.Enter(bytes) : null;
            using ScratchDirectory scratch =
                ScratchDirectory.Create(parsed.GetValue(directory), Console.Error.WriteLine);
            scratch.RequireSpace(scale.ExpectedFileBytes * chosen.Count);
            ComparisonSettings settings = new(
                scale, Math.Max(count, 1), selected, scratch.Path,
                CompareOptions.Batches(parsed.GetValue(sync)), parsed.GetValue(readers), WarmUp: !parsed.GetValue(cold),
                Limits: !parsed.GetValue(noLimits) && memory is null && chosen[0] is EnginePeer, memory);
            Report report = Compare(chosen, settings, progress);
            output.Write(parsed, report, ReportDocument.Of(report), ReportCharts.Of(report));
            return report.Failed ? 1 : 0;
        });
        return command;
    }

    private static IEnumerable<IPeer> OtherPeers(string names) => names == "none"
        ? []
        : names.Split(
            ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(PeerCatalog.Get);

    private static Report Compare(IReadOnlyList<IPeer> peers, ComparisonSettings settings, Action<string> progress)
    {
        DateTimeOffset started = DateTimeOffset.Now;
        long start = Stopwatch.GetTimestamp();
        MachineInfo machine = MachineInfo.Of(settings.Directory);
        Comparison comparison = new(peers, settings, progress);
        List<ReportPeer> described = [];
        foreach (PeerName peer in comparison.Peers)
        {
            described.Add(
                new ReportPeer(peer.Name, peer.Peer.Description, peer.Peer.Settings, peer.Peer.MeasureCallCost()));
        }

        IReadOnlyList<WorkloadResult> results = comparison.Run();
        return new Report
        {
            Tool = "Engine.Bench compare",
            Started = started,
            Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds,
            Commit = SourceInfo.Commit(),
            CommandLine = Environment.CommandLine,
            Machine = machine,
            Parameters = new ReportParameters(
                settings.Scale.Entries, KeyStream.KeyLength, settings.Scale.ValueLength, settings.Runs,
                settings.Scale.Seed,
                settings.Batches == CommitKind.Durable ? "durable" : "not flushed", settings.Readers,
                settings.Scale.PerTransaction(int.MaxValue),
                settings.Scale.MemoryLimit, settings.Scale.OperationLimit),
            Peers = described,
            Workloads = [.. results.Select(result => ReportBuilder.Build(result, described))],
        };
    }
}
