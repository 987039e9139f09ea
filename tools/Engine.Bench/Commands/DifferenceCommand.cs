using System.CommandLine;
using Engine.Bench.Differences;
using Engine.Bench.Reports;
using Engine.Bench.Workloads;

namespace Engine.Bench.Commands;

/// <summary><c>diff</c>: what it costs to find what changed between two states.</summary>
internal static class DifferenceCommand
{
    public static Command Create()
    {
        Option<long> entries = CompareOptions.Entries();
        Option<string> changes = new("--changes")
        {
            Description = "Random overwrites between the two states; several numbers separated by commas.",
            DefaultValueFactory = _ => "10,1000,100000",
        };
        Option<int> runs = new("--runs")
        {
            Description = "Timed enumerations; the table shows their median.",
            DefaultValueFactory = _ => 21,
        };
        Option<int> valueSize = CompareOptions.ValueSize();
        Option<ulong> seed = CompareOptions.Seed();
        Option<string?> directory = CompareOptions.Directory();
        Option<bool> quiet = new("--quiet") { Description = "No progress on standard error." };
        ReportOptions output = new();
        Command command = new(
            "diff", "Times the difference of two states after random overwrites, against a comparison of two scans.")
        {
            entries, changes, runs, valueSize, directory, seed, quiet,
        };
        output.AddTo(command);
        command.SetAction(parsed =>
        {
            DateTimeOffset started = DateTimeOffset.Now;
            Action<string> progress = parsed.GetValue(quiet) ? _ => { } : Console.Error.WriteLine;
            Scale scale = new(parsed.GetValue(entries), parsed.GetValue(seed), parsed.GetValue(valueSize));
            long[] counts = Counts(parsed.GetValue(changes)!);
            int timed = parsed.GetValue(runs) is > 0 and { } number
                ? number
                : throw new BenchException("--runs is a number from 1 on.");
            using ScratchDirectory scratch = ScratchDirectory.Create(parsed.GetValue(directory), _ => { });
            scratch.RequireSpace(2 * scale.ExpectedFileBytes);
            DifferenceReport report = new()
            {
                Tool = "Engine.Bench diff",
                Started = started,
                Commit = SourceInfo.Commit(),
                CommandLine = Environment.CommandLine,
                Machine = MachineInfo.Of(scratch.Path),
                ValueLength = scale.ValueLength,
                Seed = scale.Seed,
                Rows = new DifferenceMeasurement(Path.Combine(scratch.Path, "diff.db"), scale, timed, progress)
                    .Run(counts),
            };
            output.Write(parsed, report, report.ToDocument(), []);
            return 0;
        });
        return command;
    }

    private static long[] Counts(string text)
    {
        long[] counts =
        [
            .. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(part => double.TryParse(part, out double count) && count is >= 1 and <= 1e9 ? (long)count : 0),
        ];
        return counts.Length > 0 && !counts.Contains(0)
            ? counts
            : throw new BenchException($"--changes takes numbers from 1 to 10^9, separated by commas, not \"{text}\".");
    }
}
