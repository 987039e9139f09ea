using System.IO.Enumeration;
using Engine.Bench.Peers;

namespace Engine.Bench.Workloads;

/// <summary>All workloads, in the order in which they run and are reported.</summary>
internal static class WorkloadCatalog
{
    public static IReadOnlyList<Workload> All { get; } =
    [
        new()
        {
            Name = "append-fill",
            Title = "append fill, 10^4 per transaction",
            Unit = "put",
            Limit = LimitKind.Writes,
            Needs = TreeNeed.Empty,
            Operations = scale => scale.Entries,
            Execute = run => Fills.Append(run, 10_000),
            Writes = true,
            Spoils = true,
        },
        new()
        {
            Name = "bulk-load",
            Title = "bulk load of sorted input",
            Unit = "put",
            Limit = LimitKind.Writes,
            Needs = TreeNeed.Empty,
            Operations = scale => scale.Entries,
            Execute = Fills.Load,
            Writes = true,
            Spoils = true,
        },
        new()
        {
            Name = "random-fill",
            Title = "random fill, 10^3 per transaction",
            Unit = "put",
            Limit = LimitKind.Writes,
            Needs = TreeNeed.Empty,
            Operations = scale => scale.Entries,
            Execute = run => Fills.Random(run, 1000),
            Writes = true,
            Fills = true,
        },
        new()
        {
            Name = "random-get",
            Title = "random get, one read transaction",
            Unit = "get",
            Limit = LimitKind.Lookups,
            Needs = TreeNeed.Filled,
            Operations = scale => scale.Limited(scale.Entries),
            Execute = Lookups.Stored,
            Hits = true,
        },
        new()
        {
            Name = "get-many",
            Title = "random get of keys known beforehand (GetMany)",
            Unit = "get",
            Limit = LimitKind.IndependentLookups,
            Needs = TreeNeed.Filled,
            Operations = scale => scale.Limited(scale.Entries),
            Execute = Lookups.StoredAtOnce,
            Hits = true,
        },
        new()
        {
            Name = "random-get-own",
            Title = "random get, a read transaction each",
            Unit = "get",
            Limit = LimitKind.Lookups,
            Needs = TreeNeed.Filled,
            Operations = scale => scale.Limited(scale.Entries),
            Execute = Lookups.StoredInOwnTransactions,
            Hits = true,
        },
        new()
        {
            Name = "missing-get",
            Title = "missing get, one read transaction",
            Unit = "get",
            Limit = LimitKind.Lookups,
            Needs = TreeNeed.Filled,
            Operations = scale => scale.Limited(scale.Entries),
            Execute = Lookups.Absent,
            Hits = false,
        },
        new()
        {
            Name = "scan-forward",
            Title = "forward scan",
            Unit = "entry",
            Limit = LimitKind.Scan,
            Needs = TreeNeed.Filled,
            Operations = scale => scale.Entries,
            Execute = run => Scans.All(run, reverse: false),
            Hits = true,
        },
        new()
        {
            Name = "scan-reverse",
            Title = "reverse scan",
            Unit = "entry",
            Limit = LimitKind.Scan,
            Needs = TreeNeed.Filled,
            Operations = scale => scale.Entries,
            Execute = run => Scans.All(run, reverse: true),
            Hits = true,
        },
        new()
        {
            Name = "seek-next",
            Title = "seek + 100 next",
            Unit = "entry",
            Limit = LimitKind.Seeks,
            Needs = TreeNeed.Filled,
            // The limit counts entries, as the table does, because each may be a read of the disk.
            Operations = scale =>
                Math.Min(Math.Max(scale.Entries / 50, 100), Math.Max(scale.Limited(long.MaxValue) / 100, 1)),
            Execute = Scans.Seeks,
        },
        new()
        {
            Name = "overwrite-1000",
            Title = "overwrite, 10^3 per transaction",
            Unit = "put",
            Limit = LimitKind.Writes,
            Needs = TreeNeed.Filled,
            Operations = scale => scale.Limited(scale.Entries),
            Execute = run => Overwrites.InBatches(run, 1000, run.Batches),
            Writes = true,
        },
        new()
        {
            Name = "overwrite-1-noflush",
            Title = "overwrite, 1 per transaction, no flush",
            Unit = "commit",
            Limit = LimitKind.Writes,
            Needs = TreeNeed.Filled,
            Operations = scale => scale.Limited(Math.Min(scale.Entries, 100_000)),
            Execute = run => Overwrites.InBatches(run, 1, CommitKind.NoFlush),
            Writes = true,
        },
        new()
        {
            Name = "overwrite-1-durable",
            Title = "overwrite, 1 per transaction, durable",
            Unit = "commit",
            Limit = LimitKind.Writes,
            Needs = TreeNeed.Filled,
            Operations = scale => scale.Limited(Math.Min(scale.Entries, 2_000)),
            Execute = run => Overwrites.InBatches(run, 1, CommitKind.Durable),
            Writes = true,
            WarmUpLimit = 80,
        },
        new()
        {
            Name = "overwrite-100-durable",
            Title = "overwrite, 100 per transaction, durable",
            Unit = "put",
            Limit = LimitKind.Writes,
            Needs = TreeNeed.Filled,
            Operations = scale => scale.Limited(Math.Min(scale.Entries, 50_000)),
            Execute = run => Overwrites.InBatches(run, 100, CommitKind.Durable),
            Writes = true,
            WarmUpLimit = 8_000,
        },
        new()
        {
            Name = "mixed-95-5",
            Title = "mixed, 95 % gets and 5 % puts (10 per commit, no flush)",
            Unit = "operation",
            Needs = TreeNeed.Filled,
            Operations = scale => scale.Limited(Math.Min(scale.Entries, 1_000_000)),
            Execute = run => Mixed.Run(run, 5),
            Writes = true,
            Hits = true,
            IsConcurrent = true,
        },
        new()
        {
            Name = "mixed-50-50",
            Title = "mixed, half gets and half puts (10 per commit, no flush)",
            Unit = "operation",
            Needs = TreeNeed.Filled,
            Operations = scale => scale.Limited(Math.Min(scale.Entries, 1_000_000)),
            Execute = run => Mixed.Run(run, 50),
            Writes = true,
            Hits = true,
            IsConcurrent = true,
        },
        new()
        {
            Name = "delete-1000",
            Title = "random delete of half, 10^3 per transaction",
            Unit = "delete",
            Limit = LimitKind.Writes,
            Needs = TreeNeed.Filled,
            Operations = scale => scale.Limited(scale.Entries / 2),
            Execute = run => Deletes.Shuffled(run, 1000),
            Writes = true,
            Spoils = true,
            Hits = true,
        },
        new()
        {
            Name = "delete-range",
            Title = "delete of a range of half",
            Unit = "entry",
            Limit = LimitKind.Writes,
            Needs = TreeNeed.Filled,
            Operations = scale => scale.Limited(scale.Entries / 2),
            Execute = Deletes.Range,
            Writes = true,
            Spoils = true,
        },
        new()
        {
            Name = "fill-refill",
            Title = "random fill, delete of half, fill of it again, durable",
            Unit = "operation",
            Limit = LimitKind.Writes,
            Needs = TreeNeed.Empty,
            Operations = scale => scale.Entries,
            Execute = run => Fills.Refill(run, 1000),
            Writes = true,
            Spoils = true,
            Whole = true,
            MaxRuns = 1,
            Hits = true,
        },
        new()
        {
            Name = "parked-reader",
            Title = "parked reader: overwrite, 100 per transaction, no flush",
            Unit = "put",
            Limit = LimitKind.Writes,
            Needs = TreeNeed.FilledSmall,
            Operations = scale => Math.Min(scale.Entries, 1_000_000),
            Execute = run => ParkedReader.Overwrite(run, 100),
            Writes = true,
            Spoils = true,
            Whole = true,
            MaxRuns = 1,
        },
    ];

    /// <summary>
    /// Those whose names match any of the patterns (names, or with * and ?), separated by commas; all if there is none.
    /// </summary>
    /// <exception cref="BenchException">A pattern matches nothing.</exception>
    public static IReadOnlyList<Workload> Select(string? patterns)
    {
        string[] parts =
            (patterns ?? "*").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (string part in parts)
        {
            if (!All.Any(workload => FileSystemName.MatchesSimpleExpression(part, workload.Name)))
            {
                throw new BenchException(
                    $"No workload is called \"{part}\"; there are {string.Join(", ", All.Select(w => w.Name))}.");
            }
        }

        return [
            .. All.Where(workload => parts.Any(part => FileSystemName.MatchesSimpleExpression(part, workload.Name)))
        ];
    }
}
