using System.CommandLine;
using Engine.Bench.Growth;
using Engine.Bench.Reports;
using Engine.Bench.Workloads;

namespace Engine.Bench.Commands;

/// <summary><c>scale</c>: how costs grow with the database.</summary>
internal static class ScaleCommand
{
    public static Command Create()
    {
        Option<string> entries = new("--n")
        {
            Description = "Entries, in several sizes separated by commas.",
            DefaultValueFactory = _ => "1e5,1e6,1e7"
        };
        Option<int> valueSize = CompareOptions.ValueSize();
        Option<ulong> seed = CompareOptions.Seed();
        Option<string?> directory = CompareOptions.Directory();
        Option<long?> operationLimit = CompareOptions.OperationLimit();
        Option<int> runs = new("--runs")
        {
            Description = "Timed runs of everything but the load; the table shows medians.",
            DefaultValueFactory = _ => 3
        };
        Option<bool> cold = new("--no-warm-up")
        {
            Description = "Time code that the JIT may not have optimised yet: for checks of the tool, not for figures."
        };
        Option<bool> quiet = new("--quiet") { Description = "No progress on standard error." };
        ReportOptions output = new();
        Command command = new(
            "scale", "Loads, reads, overwrites, checks and opens databases of growing size, and draws the growth.")
        {
            entries, valueSize, runs, operationLimit, directory, seed, cold, quiet,
        };
        output.AddTo(command);
        command.SetAction(parsed =>
        {
            const long UsualOperations = 1_000_000;
            DateTimeOffset started = DateTimeOffset.Now;
            Action<string> progress = parsed.GetValue(quiet) ? _ => { } : Console.Error.WriteLine;
            Scale[] scales =
            [
                .. CompareOptions.ParseCounts(parsed.GetValue(entries)!).Select(
                    count => new Scale(count, parsed.GetValue(seed), parsed.GetValue(valueSize)))
            ];
            long operations = parsed.GetValue(operationLimit) ?? UsualOperations;
            int timed = parsed.GetValue(runs) is > 0 and { } number
                ? number
                : throw new BenchException("--runs is a number from 1 on.");
            using ScratchDirectory scratch = ScratchDirectory.Create(parsed.GetValue(directory), progress);

            // One is deleted before the next one is made.
            scratch.RequireSpace(scales.Max(scale => GrowthMeasurement.ExpectedBytes(scale, operations)));
            MachineInfo machine = MachineInfo.Of(scratch.Path);
            GrowthMeasurement measurement = new(scratch.Path, operations, timed, progress);
            if (!parsed.GetValue(cold))
            {
                measurement.WarmUp(scales[0]);
            }

            GrowthReport report = new()
            {
                Tool = "Engine.Bench scale",
                Started = started,
                Commit = SourceInfo.Commit(),
                CommandLine = Environment.CommandLine,
                Machine = machine,
                ValueLength = scales[0].ValueLength,
                Seed = scales[0].Seed,
                Runs = timed,
                Operations = operations,
                Rows = [.. scales.Select(measurement.Measure)],
            };
            output.Write(parsed, report, report.ToDocument(), report.Charts());
            return 0;
        });
        return command;
    }
}
