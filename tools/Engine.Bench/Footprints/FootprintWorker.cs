using Engine.Bench.Data;
using Engine.Bench.Peers;
using Engine.Bench.Workloads;

namespace Engine.Bench.Footprints;

/// <summary>
/// What the processes of <see cref="FootprintMeasurement"/> do. One fills the database, so that what it needed for that
/// is gone with it; another one reads.
/// </summary>
internal static class FootprintWorker
{
    private const long MostLookups = 1_000_000;

    /// <summary>Fills and closes the database.</summary>
    public static void Fill(IPeer peer, string directory, Scale scale)
    {
        Directory.CreateDirectory(directory);
        using IPeerDatabase database = peer.Open(directory, memoryLimit: null);
        database.Put(
            scale.FillKeys,
            scale.Values(0),
            new OperationRange(0, scale.Entries),
            scale.PerTransaction(1000),
            CommitKind.NoFlush);
        database.Flush();
    }

    /// <summary>Opens it again and measures.</summary>
    public static FootprintAnswer Read(IPeer peer, string directory, string empty, Scale scale)
    {
        // Code is loaded, compiled and run once, so that it is not taken for the database.
        UseEmpty(peer, empty, scale);
        Footprint before = Footprint.Now();
        Footprint withEmpty = UseEmpty(peer, empty, scale);
        long file = PeerFiles.TotalLength(directory);
        using IPeerDatabase database = peer.Open(directory, memoryLimit: null);
        Footprint opened = Footprint.Now();
        Lookup(database, scale);
        database.Scan(reverse: false);
        Footprint read = Footprint.Now();
        return new FootprintAnswer(withEmpty - before, opened - before, read - before, file);
    }

    private static Footprint UseEmpty(IPeer peer, string directory, Scale scale)
    {
        Directory.CreateDirectory(directory);
        using IPeerDatabase database = peer.Open(directory, memoryLimit: null);
        Footprint measured = Footprint.Now();
        database.Get(scale.StoredKeys(0), new OperationRange(0, 1));
        database.Scan(reverse: false);
        return measured;
    }

    private static void Lookup(IPeerDatabase database, Scale scale)
    {
        OperationRange range = new(0, Math.Min(scale.Entries, MostLookups));
        Digest digest = database.Get(scale.StoredKeys(1), range);
        if (digest.Hits != range.Count)
        {
            throw new BenchException($"Only {digest.Hits} of {range.Count} entries were found again.");
        }
    }
}
