using Engine.Bench.Writers.Data;

namespace Engine.Bench.Writers.Clients;

/// <summary>
/// What clients were told to be durable: of each entry the newest version, who was told it, and how many were. In
/// memory only, beside the database. Thread-safe.
/// </summary>
internal sealed class Acknowledgements(long entries)
{
    private const int ClientBits = 16;

    /// <summary>Version and client in one, so that both change at once.</summary>
    private readonly long[] _newest = new long[entries];
    private readonly int[] _counts = new int[entries];

    public void Add(Update update, int client)
    {
        long mark = (update.Version << ClientBits) | (long)client;
        ref long newest = ref _newest[update.Id];
        long seen = Volatile.Read(ref newest);
        while (mark > seen && Interlocked.CompareExchange(ref newest, mark, seen) is var found && found != seen)
        {
            seen = found;
        }

        Interlocked.Increment(ref _counts[update.Id]);
    }

    public long VersionOf(long id) => _newest[id] >> ClientBits;

    /// <summary>Which client was told the newest version.</summary>
    public int ClientOf(long id) => (int)(_newest[id] & ((1 << ClientBits) - 1));

    public int CountOf(long id) => _counts[id];
}
