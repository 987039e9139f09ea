using System.CommandLine;
using Engine.Bench.Costs;
using Engine.Bench.Data;
using Engine.Bench.Peers;
using Engine.Bench.Reports;
using Engine.Bench.Workloads;

namespace Engine.Bench.Commands;

/// <summary><c>cost</c>: what copy-on-write writes per put, against what it must write.</summary>
internal static class CostCommand
{
    public static Command Create()
    {
        Option<string> entries = new("--n")
        {
            Description = "Entries in the tree; several numbers separated by commas make a table each.",
            DefaultValueFactory = _ => "1e5,1e6"
        };
        Option<int> valueSize = CompareOptions.ValueSize();
        Option<ulong> seed = CompareOptions.Seed();
        Option<string?> directory = CompareOptions.Directory();
        Option<string> peers = new("--peers")
        {
            Description = "lmdb to count what LMDB writes beside it, or none.",
            DefaultValueFactory = _ => "lmdb"
        };
        Option<bool> quiet = new("--quiet") { Description = "No progress on standard error." };
        ReportOptions output = new();
        Command command = new(
            "cost",
            "Counts pages and bytes written per overwrite as transactions grow from 1 to 10^4, against the formula.")
        {
            entries, valueSize, peers, directory, seed, quiet,
        };
        output.AddTo(command);
        command.SetAction(parsed =>
        {
            DateTimeOffset started = DateTimeOffset.Now;
            Action<string> progress = parsed.GetValue(quiet) ? _ => { } : Console.Error.WriteLine;
            IReadOnlyList<long> sizes = CompareOptions.ParseCounts(parsed.GetValue(entries)!);
            bool withLmdb = WithLmdb(parsed.GetValue(peers)!);
            using ScratchDirectory scratch = ScratchDirectory.Create(parsed.GetValue(directory), _ => { });
            List<CostRow> rows = [];
            int pageSize = 0;
            foreach (long size in sizes)
            {
                Scale scale = new(size, parsed.GetValue(seed), parsed.GetValue(valueSize));
                scratch.RequireSpace(scale.ExpectedFileBytes * (withLmdb ? 2 : 1));
                string place = Directory.CreateDirectory(Path.Combine(scratch.Path, size.ToString())).FullName;
                CostMeasurement measurement = new(place, scale, withLmdb, progress);
                rows.AddRange(measurement.Run());
                pageSize = measurement.PageSize;
                Directory.Delete(place, recursive: true);
            }

            CostReport report = new()
            {
                Tool = "Engine.Bench cost",
                Started = started,
                Commit = SourceInfo.Commit(),
                CommandLine = Environment.CommandLine,
                Machine = MachineInfo.Of(scratch.Path),
                PageSize = pageSize,
                KeyLength = KeyStream.KeyLength,
                ValueLength = parsed.GetValue(valueSize),
                Seed = parsed.GetValue(seed),
                Rows = rows,
            };
            output.Write(parsed, report, report.ToDocument(), CostCharts.Of(report));
            return 0;
        });
        return command;
    }

    private static bool WithLmdb(string peers) => peers switch
    {
        "none" => false,
        "lmdb" => PeerCatalog.Get("lmdb") is not null,
        _ => throw new BenchException($"--peers is lmdb or none here, not \"{peers}\"."),
    };
}
