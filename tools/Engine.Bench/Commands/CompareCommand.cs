using System.CommandLine;
using System.Diagnostics;
using Engine.Bench.Data;
using Engine.Bench.Measuring;
using Engine.Bench.Peers;
using Engine.Bench.Reports;
using Engine.Bench.Workloads;
using Spectre.Console;

namespace Engine.Bench.Commands;

/// <summary><c>compare</c>: the same workloads on this engine and on others.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        Option<long> entries = CompareOptions.Entries();
        Option<ulong> seed = CompareOptions.Seed();
        Option<string?> directory = CompareOptions.Directory();
        Option<bool> sync = CompareOptions.Sync();
        Option<int> runs = new("--runs") { Description = "Timed runs of each workload on each engine; the table shows medians, which want 3 at least.", DefaultValueFactory = _ => 3 };
        Option<string?> workloads = new("--workloads") { Description = $"Names or patterns with * and ?, separated by commas: {string.Join(", ", WorkloadCatalog.All.Select(each => each.Name))}." };
        Option<string> peers = new("--peers") { Description = $"What to compare with, separated by commas: {string.Join(", ", PeerCatalog.Names)}; or none.", DefaultValueFactory = _ => "lmdb" };
        Option<string> baseline = new("--baseline") { Description = "The engine the others are compared with. The same name here and in --peers shows the noise.", DefaultValueFactory = _ => PeerCatalog.Own };
        Option<FileInfo?> json = new("--json") { Description = "Write the report to this file as JSON." };
        Option<FileInfo?> markdown = new("--markdown") { Description = "Write the report to this file as Markdown." };
        Option<bool> cold = new("--no-warm-up") { Description = "Time code that the JIT may not have optimised yet: for checks of the tool, not for figures." };
        Option<bool> quiet = new("--quiet") { Description = "No progress on standard error." };

        Command command = new("compare", "Runs the same workloads on this engine and on others, in turn, and shows ratios of their times.")
        {
            entries, runs, workloads, peers, baseline, directory, seed, sync, json, markdown, cold, quiet,
        };
        command.SetAction(parsed =>
        {
            Action<string> progress = parsed.GetValue(quiet) ? _ => { } : Console.Error.WriteLine;
            List<IPeer> chosen = [PeerCatalog.Get(parsed.GetValue(baseline)!), .. OtherPeers(parsed.GetValue(peers)!)];
            if (parsed.GetValue(runs) is var count && count < 3)
            {
                Console.Error.WriteLine($"warning: {Math.Max(count, 1)} runs show no spread; 3 or more do.");
            }

            IReadOnlyList<Workload> selected = WorkloadCatalog.Select(parsed.GetValue(workloads));
            using ScratchDirectory scratch = ScratchDirectory.Create(parsed.GetValue(directory), Console.Error.WriteLine);
            ComparisonSettings settings = new(
                new Scale(parsed.GetValue(entries), parsed.GetValue(seed)), Math.Max(count, 1), selected, scratch.Path,
                CompareOptions.Batches(parsed.GetValue(sync)), WarmUp: !parsed.GetValue(cold));
            Report report = Compare(chosen, settings, progress);

            Show(report);
            WriteFile(parsed.GetValue(json), file => JsonReport.Write(report, file));
            WriteFile(parsed.GetValue(markdown), file =>
            {
                using StreamWriter writer = new(file);
                MarkdownReport.Write(report, writer);
            });
            return report.Failed ? 1 : 0;
        });
        return command;
    }

    private static IEnumerable<IPeer> OtherPeers(string names) => names == "none"
        ? []
        : names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(PeerCatalog.Get);

    private static Report Compare(IReadOnlyList<IPeer> peers, ComparisonSettings settings, Action<string> progress)
    {
        DateTimeOffset started = DateTimeOffset.Now;
        long start = Stopwatch.GetTimestamp();
        MachineInfo machine = MachineInfo.Of(settings.Directory);
        Comparison comparison = new(peers, settings, progress);
        List<ReportPeer> described = [];
        foreach (PeerName peer in comparison.Peers)
        {
            described.Add(new ReportPeer(peer.Name, peer.Peer.Description, peer.Peer.Settings, peer.Peer.MeasureCallCost()));
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
                settings.Scale.Entries, KeyStream.KeyLength, settings.Scale.ValueLength, settings.Runs, settings.Scale.Seed,
                settings.Batches == CommitKind.Durable ? "durable" : "not flushed"),
            Peers = described,
            Workloads = [.. results.Select(result => ReportBuilder.Build(result, described))],
        };
    }

    private static void Show(Report report)
    {
        if (Console.IsOutputRedirected)
        {
            TextWriterReport.Write(report, Console.Out);
        }
        else
        {
            ConsoleReport.Write(report, AnsiConsole.Console);
        }
    }

    private static void WriteFile(FileInfo? file, Action<Stream> write)
    {
        if (file is not null)
        {
            using FileStream stream = file.Create();
            write(stream);
        }
    }
}
