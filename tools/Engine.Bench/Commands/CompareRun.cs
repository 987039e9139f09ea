using System.Diagnostics;
using Engine.Bench.Builds;
using Engine.Bench.Data;
using Engine.Bench.Footprints;
using Engine.Bench.Measuring;
using Engine.Bench.Peers;
using Engine.Bench.Peers.Own;
using Engine.Bench.Reports;

namespace Engine.Bench.Commands;

/// <summary>Runs a comparison and makes the report of it.</summary>
internal sealed class CompareRun(ComparisonSettings settings, Action<string> progress)
{
    private readonly DateTimeOffset _started = DateTimeOffset.Now;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly MachineInfo _machine = MachineInfo.Of(settings.Directory);

    /// <param name="peers">The engines, the one that the others are compared with first.</param>
    /// <param name="missing">Why others that were asked for take no part.</param>
    /// <param name="withMemory">Whether to measure their memory too.</param>
    public Report OfPeers(IReadOnlyList<IPeer> peers, IReadOnlyList<string> missing, bool withMemory)
    {
        Comparison comparison = new(peers, settings, progress);
        List<ReportPeer> described = [];
        foreach (PeerName peer in comparison.Peers)
        {
            described.Add(
                new ReportPeer(peer.Name, peer.Peer.Description, peer.Peer.Settings, peer.Peer.MeasureCallCost()));
        }

        Report report = Build(comparison.Run(), described);
        List<string> reasons = [.. missing];
        return report with { Memory = withMemory ? MeasureMemory(peers, reasons) : null, Missing = reasons };
    }

    /// <param name="baselineEngine">The engine's file of the other build.</param>
    public Report OfBuilds(string baselineEngine)
    {
        BuildComparison comparison = new(baselineEngine, settings, progress);
        IReadOnlyList<WorkloadResult> results = comparison.Run();
        return Build(
            results,
            [
                Describe(BuildComparison.Own, "this build", typeof(Database).Assembly.Location),
                Describe(BuildComparison.Baseline, "the other build", baselineEngine),
            ]);

        ReportPeer Describe(string name, string which, string file)
        {
            BuildInfo build = comparison.Builds[name];
            return new ReportPeer(
                name,
                $"{which}, {build.Version}, module {build.Identity}, {file}",
                $"{new EnginePeer().Settings}; {settings.Runs} rounds, each in new processes",
                CallCost: null);
        }
    }

    // What was timed before must not be lost because a process of this one ended.
    private List<FootprintRow> MeasureMemory(IReadOnlyList<IPeer> peers, List<string> reasons)
    {
        FootprintMeasurement measurement = new(settings.Directory, settings.Scale, progress);
        List<FootprintRow> rows = [];
        foreach (IPeer peer in peers)
        {
            try
            {
                rows.AddRange(measurement.Run([peer]));
            }
            catch (BenchException failure)
            {
                reasons.Add($"n/a: memory of {peer.Name}: {failure.Message}");
            }
        }

        return rows;
    }

    private Report Build(IReadOnlyList<WorkloadResult> results, IReadOnlyList<ReportPeer> peers) => new()
    {
        Tool = "Engine.Bench compare",
        Started = _started,
        Seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds,
        Commit = SourceInfo.Commit(),
        CommandLine = Environment.CommandLine,
        Machine = _machine,
        Parameters = new ReportParameters(
            settings.Scale.Entries,
            KeyStream.KeyLength,
            settings.Scale.ValueLength,
            settings.Runs,
            settings.Scale.Seed,
            settings.Batches == CommitKind.Durable ? "durable" : "not flushed",
            settings.Readers,
            settings.Scale.PerTransaction(int.MaxValue),
            settings.Scale.MemoryLimit,
            settings.Scale.OperationLimit,
            settings.Scale.HasVariedValues),
        Peers = peers,
        Workloads = [.. results.Select(result => ReportBuilder.Build(result, peers))],
    };
}
