using System.CommandLine;
using Engine.Bench.Builds;
using Engine.Bench.ControlGroups;
using Engine.Bench.Measuring;
using Engine.Bench.Peers;
using Engine.Bench.Peers.Own;
using Engine.Bench.Reports;
using Engine.Bench.Workloads;

namespace Engine.Bench.Commands;

/// <summary><c>compare</c>: the same workloads on this engine and on others, or on another build of it.</summary>
internal static class CompareCommand
{
    private const int UsualRuns = 3;
    private const int RunsOfBuilds = 7;
    private const int ExitSlower = 3;

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
        Option<bool> varied = CompareOptions.VariedValues();
        Option<int?> runs = new("--runs")
        {
            Description = "Timed runs of each workload on each engine; the table shows medians, which want 3 at least. "
                + $"Default: {UsualRuns}, and {RunsOfBuilds} with --baseline-build, where a verdict wants "
                + $"{Verdict.LeastRuns} at least.",
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
        Option<string?> preset = new("--preset")
        {
            Description = $"{ServicePreset.Name}: what a C# service would pick instead. Chooses --peers, --workloads "
                + "and --varied-values, and measures memory and files too.",
        };
        Option<string?> build = new("--baseline-build")
        {
            Description = "Compare with another build of this engine: a directory with its Engine.dll. Both builds run "
                + "in processes of their own.",
        };
        Option<double?> failIfSlower = new("--fail-if-slower")
        {
            Description = $"With --baseline-build: exit with code {ExitSlower} if any workload is slower beyond the "
                + "noise and by at least so many percent.",
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
            entries, valueSize, runs, workloads, peers, baseline, preset, build, failIfSlower, readers, directory, seed,
            sync, memoryLimit, operationLimit, varied, cold, noLimits, quiet,
        };
        output.AddTo(command);
        command.SetAction(parsed =>
        {
            CompareChoice choice = new(
                parsed.GetValue(preset),
                parsed.GetValue(build),
                parsed.GetValue(failIfSlower),
                parsed.GetValue(baseline)!,
                parsed.GetValue(peers)!,
                parsed.GetResult(peers) is { Implicit: false },
                parsed.GetValue(workloads),
                parsed.GetValue(memoryLimit) is not null);
            choice.Validate();
            string? baselineEngine = choice.Build is { } place ? BuildDirectory.EngineIn(place) : null;
            List<string> missing = [];
            IReadOnlyList<IPeer> chosen = choice.Peers(missing);
            missing.ForEach(Console.Error.WriteLine);
            int leastRuns = baselineEngine is null ? UsualRuns : Verdict.LeastRuns;
            int count = Math.Max(
                parsed.GetValue(runs) ?? (baselineEngine is null ? UsualRuns : RunsOfBuilds), 1);
            if (count < leastRuns)
            {
                Console.Error.WriteLine($"warning: {count} runs show no spread; {leastRuns} or more do.");
            }

            Scale scale = new(parsed.GetValue(entries), parsed.GetValue(seed), parsed.GetValue(valueSize))
            {
                MemoryLimit = parsed.GetValue(memoryLimit),
                OperationLimit = parsed.GetValue(operationLimit),
                HasVariedValues = parsed.GetValue(varied) || choice.IsService,
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
            bool limits = !parsed.GetValue(noLimits) && memory is null && baselineEngine is null
                && chosen[0] is EnginePeer;

            // A database of each engine; one that is watched for the limits, and a copy of it; two builds' databases.
            scratch.RequireSpace(
                scale.ExpectedFileBytes * (chosen.Count + (limits ? 2 : 0) + (baselineEngine is null ? 0 : 1)));
            ComparisonSettings settings = new(
                scale,
                count,
                WorkloadCatalog.Select(choice.Workloads),
                scratch.Path,
                CompareOptions.Batches(parsed.GetValue(sync)),
                parsed.GetValue(readers),
                WarmUp: !parsed.GetValue(cold),
                limits,
                memory);
            CompareRun run = new(settings, parsed.GetValue(quiet) ? _ => { } : Console.Error.WriteLine);
            Report report = baselineEngine is not null ? run.OfBuilds(baselineEngine)
                : run.OfPeers(chosen, missing, choice.IsService);
            output.Write(parsed, report, ReportDocument.Of(report), ReportCharts.Of(report));
            return report.Failed ? 1 : choice.IsTooSlow(report) ? ExitSlower : 0;
        });
        return command;
    }
}
