using Engine.Bench.Measuring;
using Engine.Bench.Peers;

namespace Engine.Bench.Reports;

/// <summary>What a reader must know beside the tables: machine, versions, settings, call costs, failures.</summary>
internal static class ReportFacts
{
    public static IEnumerable<(string Name, string Text)> Head(Report report)
    {
        foreach ((string Name, string Text) fact in Environment(report.Machine, report.Commit, report.CommandLine))
        {
            yield return fact;
        }

        ReportParameters parameters = report.Parameters;
        yield return (
            "data",
            $"{parameters.Entries} entries, keys {parameters.KeyLength} bytes, values {parameters.ValueLength} bytes, "
                + $"{parameters.Runs} runs in turn, medians; seed {parameters.Seed}; fills, deletes and 10^3 "
                + $"overwrites {parameters.Batches}"
                + (report.Workloads.Any(workload => workload.Measurements.Any(each => each.Gets is not null))
                    ? $"; {parameters.Readers} readers in mixed workloads"
                    : string.Empty)
                + (parameters.MaxPuts < 10_000
                    ? $"; at most {parameters.MaxPuts} puts "
                        + $"({Quantity.Bytes((double)parameters.MaxPuts * parameters.ValueLength)}) per transaction"
                    : string.Empty)
                + Limits(parameters));
        foreach (ReportPeer peer in report.Peers)
        {
            yield return (peer.Name, $"{peer.Description}. {peer.Settings}");
        }
    }

    /// <summary>Where and on what it ran: the same for every kind of report.</summary>
    public static IEnumerable<(string Name, string Text)> Environment(
        MachineInfo machine, string commit, string commandLine)
    {
        yield return ("machine", $"{machine.Cpu}, {machine.Cores} cores, {Quantity.Bytes(machine.MemoryBytes)}");
        yield return ("system", $"{machine.OperatingSystem}, kernel {machine.Kernel}");
        yield return ("files", $"{machine.FileSystem}, {machine.Directory}");
        if (machine.LoadAverage is { } load)
        {
            yield return (
                "load",
                $"{load:0.00} when it "
                + $"began{(load > machine.Cores * 0.5 ? "; the machine is busy, times are distorted" : string.Empty)}");
        }

        yield return ("runtime", machine.Runtime);
        yield return ("commit", commit);
        yield return ("command", commandLine);
    }

    public static IEnumerable<string> CallCosts(Report report)
    {
        foreach (ReportPeer peer in report.Peers)
        {
            if (peer.CallCost is { } cost)
            {
                yield return $"A call from C# into {peer.Name} costs {cost.HotNanoseconds:0.0} ns (short calls, "
                    + $"without GC transition) or {cost.FullNanoseconds:0.0} ns (all others); \"less calls\" is the "
                    + $"ratio after calls x cost is taken off {peer.Name}'s time.";
                double[] shares =
                [
                    .. report.Workloads.SelectMany(
                        workload => workload.Measurements.Where(each => each.Peer == peer.Name))
                        .Select(each => each.CallNanosecondsPerOperation / each.NanosecondsPerOperation.Median)
                        .Where(double.IsFinite)];
                if (shares.Length > 0)
                {
                    yield return $"Calls are {shares.Min():0.0%} to {shares.Max():0.0%} of {peer.Name}'s times.";
                }
            }
        }
    }

    /// <summary>What the verdicts of the tables mean.</summary>
    public static IEnumerable<string> Verdicts(Report report)
    {
        if (report.HasVerdicts)
        {
            yield return "verdict: slower or faster where an interval that holds the median ratio with 95 % "
                + "probability lies wholly below or above 1; every round has new processes. Undecided: fewer than "
                + $"{Verdict.LeastRuns} runs. Of forty rows without any difference one is called slower by chance.";
        }
    }

    /// <summary>Why somebody took no part in a workload.</summary>
    public static IEnumerable<string> Lacks(Report report) => report.Workloads.SelectMany(
        workload => workload.Lacks.Select(lack => $"n/a: {lack.Peer}, {workload.Title}: {lack.Reason}."));

    /// <summary>What the limits of the tables are.</summary>
    public static IEnumerable<string> Limit(Report report)
    {
        if (report.Workloads.Any(workload => workload.LimitNanosecondsPerOperation is not null))
        {
            yield return "limit: the unavoidable work alone, by a loop of its own in the same run: a dependent cache "
                + "miss per level of the tree for lookups, reading the tree's bytes for scans, the same writes (and "
                + $"flushes, where it is durable) for writes. \"of the limit\" is limit / time of "
                + $"{report.Peers[0].Name}: 100 % cannot be bettered.";
        }
    }

    /// <summary>The limits under which it ran; empty without any.</summary>
    public static string Limits(ReportParameters parameters) =>
        (parameters.MemoryLimit is { } memory
            ? $"; memory limit {Quantity.Bytes(memory)}, page cache included"
            : string.Empty)
        + (parameters.HasVariedValues ? "; values of different noise, which nobody can compress" : string.Empty)
        + (parameters.OperationLimit is { } operations
            ? $"; at most {operations} random operations per run"
            : string.Empty);

    public static IEnumerable<string> Failures(Report report) =>
        report.Workloads.Where(workload => workload.Failure is not null).Select(
            workload => $"FAILED {workload.Name}: {workload.Failure}");
}
