using System.CommandLine;
using Engine.Bench.History;
using Engine.Bench.Reports;
using Engine.Bench.Workloads;

namespace Engine.Bench.Commands;

/// <summary><c>history</c>: what named snapshots cost, and those who follow changes.</summary>
internal static class HistoryCommand
{
    public static Command Create()
    {
        Option<long> entries = CompareOptions.Entries();
        Option<int> rounds = new("--rounds")
        {
            Description = "How often both sides of a row are measured, in turn.",
            DefaultValueFactory = _ => 21,
        };
        Option<int> loadRounds = new("--load-rounds")
        {
            Description = "How often the writers write, with somebody who follows and without.",
            DefaultValueFactory = _ => 5,
        };
        Option<double> seconds = new("--seconds")
        {
            Description = "How long the writers write each time.",
            DefaultValueFactory = _ => 4,
        };
        Option<int> valueSize = CompareOptions.ValueSize();
        Option<ulong> seed = CompareOptions.Seed();
        Option<string?> directory = CompareOptions.Directory();
        Option<bool> quiet = new("--quiet") { Description = "No progress on standard error." };
        ReportOptions output = new();
        Command command = new("history", "Times named snapshots, and commits beside them and beside a follower.")
        {
            entries, rounds, loadRounds, seconds, valueSize, directory, seed, quiet,
        };
        output.AddTo(command);
        command.SetAction(parsed =>
        {
            DateTimeOffset started = DateTimeOffset.Now;
            Scale scale = new(parsed.GetValue(entries), parsed.GetValue(seed), parsed.GetValue(valueSize));
            HistorySettings settings = new(
                scale,
                AtLeastOne("--rounds", parsed.GetValue(rounds)),
                AtLeastOne("--load-rounds", parsed.GetValue(loadRounds)),
                parsed.GetValue(seconds) is > 0 and <= 3600 and { } length
                    ? TimeSpan.FromSeconds(length)
                    : throw new BenchException("--seconds is a number above 0, and at most 3600."));
            using ScratchDirectory scratch = ScratchDirectory.Create(parsed.GetValue(directory), _ => { });
            scratch.RequireSpace(2 * scale.ExpectedFileBytes);
            HistoryReport report = new()
            {
                Tool = "Engine.Bench history",
                Started = started,
                Commit = SourceInfo.Commit(),
                CommandLine = Environment.CommandLine,
                Machine = MachineInfo.Of(scratch.Path),
                Entries = scale.Entries,
                ValueLength = scale.ValueLength,
                Seed = scale.Seed,
                Rows = new HistoryMeasurement(
                    scratch.Path, settings, parsed.GetValue(quiet) ? _ => { } : Console.Error.WriteLine).Run(),
            };
            output.Write(parsed, report, report.ToDocument(), []);
            return 0;
        });
        return command;
    }

    private static int AtLeastOne(string option, int value) =>
        value >= 1 ? value : throw new BenchException($"{option} is a number from 1 on.");
}
