using Engine.Bench.Measuring;
using Engine.Bench.Reports;

namespace Engine.Bench.Footprints;

/// <summary>What databases take in memory, as it is written to JSON; the table is made from it too.</summary>
internal sealed record FootprintReport
{
    public int Schema { get; init; } = 1;

    public required string Tool { get; init; }

    public required DateTimeOffset Started { get; init; }

    public required string Commit { get; init; }

    public required string CommandLine { get; init; }

    public required MachineInfo Machine { get; init; }

    public required int ValueLength { get; init; }

    public required ulong Seed { get; init; }

    public required IReadOnlyList<ReportPeer> Peers { get; init; }

    public required IReadOnlyList<FootprintRow> Rows { get; init; }

    public ReportDocument ToDocument() => new(
        [
            .. ReportFacts.Environment(Machine, Commit, CommandLine),
            ("data", $"keys 16 bytes in random order, values {ValueLength} bytes; seed {Seed}"),
            .. Peers.Select(peer => (peer.Name, $"{peer.Description}. {peer.Settings}")),
        ],
        [.. Rows.Count == 0 ? [] : new[] { Table(Rows) }],
        [Explanation],
        []);

    /// <summary>What the figures of <see cref="Table"/> are.</summary>
    public const string Explanation =
        "memory: of a process that has nothing else, less what it had before the database was opened. Private: "
        + "resident memory of its own, managed heap included (RssAnon). Mapped: resident pages of mapped files "
        + "(RssFile), which are the system's page cache, and which it takes back when memory is short. Pages that are "
        + "read by system calls are in that cache too, and in neither figure. Managed: live objects after a "
        + "collection. Read: after 10^6 lookups (as many as entries, if those are fewer) and a scan.";

    public static ReportTable Table(IReadOnlyList<FootprintRow> rows) => new(
        $"Memory of an open database, {rows[0].Entries:N0} entries",
        [
            "engine", "file", "empty: private", "managed", "opened: private", "managed", "read: private", "managed",
            "mapped", "per 10^6 entries: private", "managed", "mapped"
        ],
        [.. rows.Select(row => (IReadOnlyList<string>)
        [
            row.Peer,
            Quantity.Bytes(row.Measured.FileBytes),
            Quantity.Bytes(row.Measured.Empty.Private),
            Quantity.Bytes(row.Measured.Empty.Managed),
            Quantity.Bytes(row.Measured.Opened.Private),
            Quantity.Bytes(row.Measured.Opened.Managed),
            Quantity.Bytes(row.Measured.Read.Private),
            Quantity.Bytes(row.Measured.Read.Managed),
            Quantity.Bytes(row.Measured.Read.Mapped),
            Quantity.Bytes(row.PerMillion.Private),
            Quantity.Bytes(row.PerMillion.Managed),
            Quantity.Bytes(row.PerMillion.Mapped),
        ])]);
}
