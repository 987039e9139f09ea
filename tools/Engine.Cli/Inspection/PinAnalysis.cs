using Engine.Storage;

namespace Engine.Cli.Inspection;

/// <summary>
/// Which free pages can be used again, and which wait for which pin (docs/space.md). Pins are the newest durable
/// transaction, the named snapshots, and the readers in the lock file; those of dead processes too, which count until
/// they are swept. What only the writing process knows, its commits that are not durable yet, cannot be seen from
/// outside.
/// </summary>
internal sealed class PinAnalysis
{
    private readonly SortedDictionary<ulong, PinnedId> _pins = [];

    /// <summary>From the oldest to the newest.</summary>
    public IReadOnlyCollection<PinnedId> Pins => _pins.Values;

    /// <summary>Free pages that no pin needs, with neighbours joined.</summary>
    public List<(ulong First, ulong Pages)> Reusable { get; } = [];

    /// <summary>Free pages that a pin needs, with neighbours joined.</summary>
    public List<(ulong First, ulong Pages)> Waiting { get; } = [];

    public ulong ReusablePages { get; private set; }

    public ulong WaitingPages { get; private set; }

    public static PinAnalysis Run(InspectedFile file, SpaceLogScan log, CancellationToken cancellation)
    {
        var analysis = new PinAnalysis();
        if (file.Meta is { } meta)
            analysis.Pin(meta.Id, "newest durable");
        NamedStates names = NamedStates.Read(file, cancellation);
        foreach (ulong id in log.Named)
        {
            if (names.Of(id).Count == 0)
                analysis.Pin(id, "named snapshot");
            foreach (string name in names.Of(id))
                analysis.Pin(id, $"named snapshot {name}");
        }

        foreach (ReaderInfo reader in file.Lock?.Readers.Describe() ?? [])
        {
            if (!reader.IsOwn && reader.TransactionId != 0)
                analysis.Pin(reader.TransactionId, Describe(reader));
        }

        PinnedId[] pins = [.. analysis._pins.Values];
        foreach (FreeExtent extent in log.Free)
            analysis.Add(extent, pins);
        return analysis;
    }

    public PinnedId? Find(ulong transaction) => _pins.GetValueOrDefault(transaction);

    private static string Describe(ReaderInfo reader) => reader.Liveness switch
    {
        ProcessLiveness.Dead or ProcessLiveness.None => $"reader, process {reader.ProcessId}, dead",
        _ => $"reader, process {reader.ProcessId}",
    };

    private void Pin(ulong transaction, string holder)
    {
        if (!_pins.TryGetValue(transaction, out PinnedId? pin))
            _pins.Add(transaction, pin = new PinnedId(transaction));
        pin.Holders.Add(holder);
    }

    private void Add(FreeExtent extent, PinnedId[] pins)
    {
        PinnedId? only = null;
        int count = 0;
        foreach (PinnedId pin in pins)
        {
            if (!extent.IsIn(pin.Transaction))
                continue;
            pin.Pages += extent.Pages;
            only = pin;
            count++;
        }

        if (count == 1)
            only!.PagesAlone += extent.Pages;
        if (count == 0)
            ReusablePages += extent.Pages;
        else
            WaitingPages += extent.Pages;
        Join(count == 0 ? Reusable : Waiting, extent);
    }

    private static void Join(List<(ulong First, ulong Pages)> runs, FreeExtent extent)
    {
        if (runs.Count > 0 && runs[^1].First + runs[^1].Pages == extent.First)
            runs[^1] = (runs[^1].First, runs[^1].Pages + extent.Pages);
        else
            runs.Add((extent.First, extent.Pages));
    }
}
