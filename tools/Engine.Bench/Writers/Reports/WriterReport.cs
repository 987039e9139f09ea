using Engine.Bench.Measuring;
using Engine.Bench.Reports;
using Engine.Bench.Writers.Data;

namespace Engine.Bench.Writers.Reports;

/// <summary>
/// What concurrent clients got done, as it is written to JSON; the tables are made from it too. Latencies in
/// nanoseconds.
/// </summary>
internal sealed record WriterReport
{
    public int Schema { get; init; } = 1;

    public required string Tool { get; init; }

    public required DateTimeOffset Started { get; init; }

    public required double Seconds { get; init; }

    public required string Commit { get; init; }

    public required string CommandLine { get; init; }

    public required MachineInfo Machine { get; init; }

    public required long Entries { get; init; }

    public required ulong Seed { get; init; }

    public required int Runs { get; init; }

    /// <summary>Threads that asked for ranks on the leaderboard meanwhile, of peers that know ranks.</summary>
    public required int Rankers { get; init; }

    /// <summary>How many ranks they asked for in a second, together; 0: as many as they could.</summary>
    public required double RankRate { get; init; }

    /// <summary>How long clients worked before anything counted, in each run.</summary>
    public required double WarmUpSeconds { get; init; }

    /// <summary>How long each run was measured.</summary>
    public required double MeasuredSeconds { get; init; }

    /// <summary>The first one is the one the others are compared with.</summary>
    public required IReadOnlyList<ReportPeer> Peers { get; init; }

    public required IReadOnlyList<WriterRow> Rows { get; init; }

    public bool Failed => Rows.Any(row => row.Failure is not null);

    public ReportDocument ToDocument() => new(
        [
            .. ReportFacts.Environment(Machine, Commit, CommandLine),
            (
                "data",
                $"{Entries:N0} players or keys, a new database for each run; {WarmUpSeconds:0.##} s before anything "
                + $"counts, then {MeasuredSeconds:0.##} s; {Runs} runs in turn, medians; seed {Seed}"),
            .. Rankers == 0
                ? (IEnumerable<(string, string)>)[]
                :
                [
                    (
                        "rankers",
                        $"{Rankers:N0}, on threads of their own, ask for ranks of players "
                        + (RankRate > 0 ? $"{RankRate:N0} times a second, together" : "without a pause")),
                ],
            .. Peers.Select(peer => (peer.Name, $"{peer.Description}. {peer.Settings}")),
        ],
        [.. Rows.GroupBy(row => row.Workload).Select(Table)],
        [
            $"ratio = updates/s of {Peers[0].Name} / of the peer, run by run: > 1 means {Peers[0].Name} makes more. "
                + "Latencies are over all runs, and to the acknowledgement; cpu is the processor time of the process, "
                + "clients included.",
            .. Rankers == 0
                ? (IEnumerable<string>)[]
                :
                [
                    "Ranks: the score of a player and the rank that goes with it, of one snapshot, a read transaction "
                        + "for each; only this engine knows ranks without counting. The rankers' processor time is in "
                        + "cpu as well, so it does not compare with that of the others.",
                ],
            "After each run the database was opened again and compared with what its clients were told to be durable"
                + (Failed ? "." : ": nothing was missing."),
        ],
        [
            .. Rows.Where(row => row.Failure is not null).Select(
                row => $"FAILED {row.Workload}, {row.Clients:N0} clients, {row.Peer}: {row.Failure}")
        ]);

    private ReportTable Table(IGrouping<string, WriterRow> rows) => new(
        WriterWorkloads.TitleOf(WriterWorkloads.Get(rows.Key)),
        [
            "clients and peer", "by", "updates/s", "min-max", "ratio", "p50", "p99", "p99.9", "cpu/update",
            .. IsRanked(rows.Key) ? (IEnumerable<string>)["ranks/s", "rank p50", "rank p99"] : [],
        ],
        [.. rows.Select(row => (IReadOnlyList<string>)[.. Cells(row), .. IsRanked(row.Workload) ? Ranks(row) : []])]);

    private bool IsRanked(string workload) =>
        Rankers > 0 && WriterWorkloads.Get(workload) == WriterWorkload.Leaderboard;

    private static IReadOnlyList<string> Ranks(WriterRow row) => row.Ranks is { } ranks
        ? [Quantity.Count(ranks.PerSecond.Median), Quantity.Time(ranks.P50), Quantity.Time(ranks.P99)]
        : ["-", "-", "-"];

    private IReadOnlyList<string> Cells(WriterRow row)
    {
        string name = $"{row.Clients,6:N0}  {row.Peer}";
        return row is { Form: { } form, Updates: { } updates }
            ?
            [
                name,
                form,
                row.Failure is null ? Quantity.Count(updates.PerSecond.Median) : "FAILED",
                $"{Quantity.Count(updates.PerSecond.Minimum)}-{Quantity.Count(updates.PerSecond.Maximum)}",
                row.Peer == Peers[0].Name ? "-" : Quantity.Ratio(row.Ratio.Median),
                Quantity.Time(updates.P50),
                Quantity.Time(updates.P99),
                Quantity.Time(updates.P999),
                Quantity.Time(row.CpuMicroseconds.Median * 1e3),
            ]
            : [name, "-", "FAILED", .. Enumerable.Repeat("-", 6)];
    }
}
