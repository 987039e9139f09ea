using System.CommandLine;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Filters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Engine.Bench.Micro;
using Engine.Bench.Reports;

namespace Engine.Bench.Commands;

/// <summary><c>micro</c>: the engine's smallest parts by BenchmarkDotNet.</summary>
internal static class MicroCommand
{
    public static Command Create()
    {
        Option<string> filter = new("--filter")
        {
            Description = "Class.Method with * and ?, separated by commas: *Search*, Reading.*.",
            DefaultValueFactory = _ => "*"
        };
        Option<string> job = new("--job")
        {
            Description = "default; short for three warm-up and three timed iterations: a look, not a figure; dry for "
                + "one untimed look at whether they run.",
            DefaultValueFactory = _ => "default",
        };
        job.AcceptOnlyFromAmong("default", "short", "dry");
        Option<bool> verbose = new("--verbose") { Description = "Show what BenchmarkDotNet reports." };
        ReportOptions output = new();
        Command command = new(
            "micro",
            "Micro benchmarks: search in a page, checksum, commit of one page, savepoint and nested transaction, "
                + "reader begin and end, enumerators, typed trees, ranks, "
                + "pairs of multi-valued trees.")
            {
                filter,
                job,
                verbose
            };
        output.AddTo(command);
        command.SetAction(parsed =>
        {
            DateTimeOffset started = DateTimeOffset.Now;
            using ScratchDirectory scratch = ScratchDirectory.Create(parent: null, _ => { });
            IConfig config =
                Configure(parsed.GetValue(filter)!, parsed.GetValue(job)!, parsed.GetValue(verbose), scratch.Path);
            IReadOnlyList<Summary> summaries = BenchmarkRunner.Run(
                [
                    typeof(PageSearch), typeof(Checksum), typeof(MemoryCommit), typeof(Savepoints), typeof(Reading),
                    typeof(TypedTrees), typeof(CountedTrees), typeof(MultiValuedTrees),
                ],
                config);
            MicroReport report = new()
            {
                Tool = "Engine.Bench micro",
                Started = started,
                Commit = SourceInfo.Commit(),
                CommandLine = Environment.CommandLine,
                Machine = MachineInfo.Of(scratch.Path),
                Job = $"BenchmarkDotNet's \"{parsed.GetValue(job)}\", in this process",
                Results = MicroReport.ResultsOf(summaries),
            };
            if (report.Results.Count == 0)
            {
                throw new BenchException($"No micro benchmark matches \"{parsed.GetValue(filter)}\".");
            }

            ReportDocument document = report.ToDocument();
            output.Write(parsed, report, document, []);
            return document.Failures.Count == 0 ? 0 : 1;
        });
        return command;
    }

    private static ManualConfig Configure(string filter, string name, bool isVerbose, string artifacts)
    {
        // In this process: a generated project would have to be restored, with this repository's settings and perhaps
        // without a network.
        Job job = (name switch { "short" => Job.ShortRun, "dry" => Job.Dry, _ => Job.Default })
            .WithToolchain(InProcessEmitToolchain.Instance);
        string[] patterns =
        [
            .. filter.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(pattern => pattern.Contains('*', StringComparison.Ordinal) ? $"*{pattern}" : $"*.{pattern}")];
        ManualConfig config = ManualConfig.CreateEmpty()
            .AddJob(job)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddFilter(new GlobFilter(patterns))
            .WithOptions(ConfigOptions.DisableLogFile)
            .WithArtifactsPath(artifacts);
        return isVerbose ? config.AddLogger(ConsoleLogger.Default) : config.AddLogger(NullLogger.Instance);
    }
}
