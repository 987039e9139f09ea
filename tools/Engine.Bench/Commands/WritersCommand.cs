using System.CommandLine;
using System.Diagnostics;
using Engine.Bench.Reports;
using Engine.Bench.Writers;
using Engine.Bench.Writers.Data;
using Engine.Bench.Writers.Peers;
using Engine.Bench.Writers.Reports;

namespace Engine.Bench.Commands;

/// <summary><c>writers</c>: many clients that update one database, each durably.</summary>
internal static class WritersCommand
{
    public static Command Create()
    {
        Option<string> clients = WritersOptions.Clients();
        Option<long> players = WritersOptions.Players();
        Option<double> seconds = WritersOptions.Seconds();
        Option<double> warmUp = WritersOptions.WarmUp();
        Option<int> runs = WritersOptions.Runs();
        Option<int> rankers = WritersOptions.Rankers();
        Option<double> rankRate = WritersOptions.RankRate();
        Option<string> workloads = WritersOptions.Workloads();
        Option<string> peers = WritersOptions.Peers();
        Option<string?> form = WritersOptions.Form();
        Option<ulong> seed = CompareOptions.Seed();
        Option<string?> directory = CompareOptions.Directory();
        Option<bool> quiet = new("--quiet") { Description = "No progress on standard error." };
        ReportOptions output = new();
        Command command = new(
            "writers",
            "Lets 1 to many clients update one database at the same time, each in a closed loop: it makes an update, "
            + "waits until that is durable, makes the next. Shows updates per second and latencies of this engine and "
            + "of others, in turn. A player's old score is looked up in the transaction that changes it; with RocksDB, "
            + "which has no write transaction in this form, before the batch, under one of 65,536 locks that the "
            + "player's number chooses. At the end each database is opened again: a missing update is an error (1).")
        {
            clients, workloads, players, rankers, rankRate, peers, form, seconds, warmUp, runs, directory, seed, quiet,
        };
        output.AddTo(command);
        command.SetAction(parsed =>
        {
            IReadOnlyList<IWriterPeer> chosen =
                WritersOptions.ParsePeers(parsed.GetValue(peers)!, parsed.GetValue(form));
            IReadOnlyList<WriterWorkload> selected = WritersOptions.ParseWorkloads(parsed.GetValue(workloads)!);
            IReadOnlyList<int> numbers = WritersOptions.ParseClients(parsed.GetValue(clients)!);
            if (numbers.Max() > parsed.GetValue(players))
            {
                throw new BenchException("--players must be at least --clients: each puts to keys of its own.");
            }

            if (parsed.GetValue(runs) is var count && count < 3)
            {
                Console.Error.WriteLine($"warning: {count} runs show no spread; 3 or more do.");
            }

            using ScratchDirectory scratch =
                ScratchDirectory.Create(parsed.GetValue(directory), Console.Error.WriteLine);
            WriterSettings settings = new(
                chosen,
                selected,
                numbers,
                parsed.GetValue(players),
                parsed.GetValue(seed),
                count,
                TimeSpan.FromSeconds(parsed.GetValue(warmUp)),
                TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                scratch.Path,
                parsed.GetValue(rankers),
                parsed.GetValue(rankRate));
            scratch.RequireSpace(settings.DataOf(WriterWorkload.Puts).ExpectedFileBytes);
            Action<string> progress = parsed.GetValue(quiet) ? _ => { } : Console.Error.WriteLine;
            WriterReport report = Compare(settings, progress);
            output.Write(parsed, report, report.ToDocument(), WriterCharts.Of(report));
            return report.Failed ? 1 : 0;
        });
        return command;
    }

    private static WriterReport Compare(WriterSettings settings, Action<string> progress)
    {
        DateTimeOffset started = DateTimeOffset.Now;
        long start = Stopwatch.GetTimestamp();
        MachineInfo machine = MachineInfo.Of(settings.Directory);
        IReadOnlyList<WriterCell> cells = new WriterComparison(settings, progress).Run();
        return new WriterReport
        {
            Tool = "Engine.Bench writers",
            Started = started,
            Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds,
            Commit = SourceInfo.Commit(),
            CommandLine = Environment.CommandLine,
            Machine = machine,
            Entries = settings.Entries,
            Seed = settings.Seed,
            Runs = settings.Runs,
            Rankers = settings.Rankers,
            RankRate = settings.RankRate,
            WarmUpSeconds = settings.WarmUp.TotalSeconds,
            MeasuredSeconds = settings.Time.TotalSeconds,
            Peers =
            [
                .. settings.Peers.Select(
                    peer => new ReportPeer(peer.Name, peer.Description, peer.Settings, CallCost: null))
            ],
            Rows =
            [
                .. cells.Select(cell => WriterRow.Of(
                    cell,
                    cells.First(first => first.Workload == cell.Workload && first.Clients == cell.Clients)))
            ],
        };
    }
}
