using Engine.Bench.Measuring;
using Engine.Bench.Peers;

namespace Engine.Bench.Reports;

/// <summary>Condenses samples to a report.</summary>
internal static class ReportBuilder
{
    public static ReportWorkload Build(WorkloadResult result, IReadOnlyList<ReportPeer> peers)
    {
        Dictionary<string, CallCost> costs = peers.ToDictionary(peer => peer.Name, peer => peer.CallCost ?? default);
        return new ReportWorkload
        {
            Name = result.Workload.Name,
            Title = result.Workload.Title,
            Unit = result.Workload.Unit,
            Writes = result.Workload.Writes,
            Failure = result.Failure,
            Lacks = result.Lacks,
            Verdict = result.Verdict,
            LimitNanosecondsPerOperation = result.Limit,
            Measurements =
            [
                .. peers.Where(peer => result.Of(peer.Name).Count > 0).Select(
                    peer => Measurement(result, peer.Name, costs[peer.Name]))
            ],
            Ratios = [.. peers.Skip(1).Select(peer => Ratio(result, peers[0].Name, peer.Name, costs))],
        };
    }

    private static ReportRatio Ratio(
        WorkloadResult result, string own, string other, Dictionary<string, CallCost> costs) => new(
            other,
            result.Ratio(own, other, (_, sample) => sample.Seconds),
            result.Ratio(
                own,
                other,
                (peer, sample) =>
                    result.Workload.IsConcurrent ? double.NaN : sample.Seconds - costs[peer].Seconds(sample.Calls)),
            result.Ratio(own, other, (_, sample) => sample.CpuSeconds));

    private static ReportMeasurement Measurement(WorkloadResult result, string peer, CallCost cost)
    {
        IReadOnlyList<Sample> samples = result.Of(peer);
        Sample last = samples[^1];
        double operations = Math.Max(last.Operations, 1);
        return new ReportMeasurement
        {
            Peer = peer,
            RunSeconds = [.. samples.Select(sample => sample.Seconds)],
            Operations = last.Operations,
            NanosecondsPerOperation = result.TimePerOperation(peer),
            CpuNanosecondsPerOperation =
                Statistic.Of(samples.Select(sample => sample.CpuSeconds * 1e9 / Math.Max(sample.Operations, 1))),
            HotCallsPerOperation = last.Calls.Hot / operations,
            FullCallsPerOperation = last.Calls.Full / operations,
            CallNanosecondsPerOperation = result.Workload.IsConcurrent
                ? double.NaN
                : cost.Seconds(last.Calls) * 1e9 / operations,
            AllocatedBytesPerOperation = last.AllocatedBytes / operations,
            Collections = last.Collections,
            WrittenBytesPerOperation = last.Io.WrittenBytes / operations,
            WriteCallsPerOperation = last.Io.WriteCalls / operations,
            DiskReadBytesPerOperation = last.Io.DiskReadBytes / operations,
            FileBytes = last.Sizes.FileBytes,
            LiveBytes = last.Sizes.LiveBytes,
            HalfwayFileBytes = last.Halfway?.FileBytes,
            HalfwayLiveBytes = last.Halfway?.LiveBytes,
            Gets = ReportLatency.Of(samples, sample => sample.Latencies?.Gets),
            Commits = ReportLatency.Of(samples, sample => sample.Latencies?.Commits),
            SnapshotBytes = last.Parked?.AtStart.LiveBytes,
            Digest = last.Tree is { } tree ? $"{last.Digest}; tree {tree}" : last.Digest.ToString(),
        };
    }
}
