using Engine.Bench.Data;

namespace Engine.Bench.Workloads;

/// <summary>How large a comparison is, and the data that follows from it.</summary>
internal sealed record Scale(long Entries, ulong Seed, int ValueLength = 100)
{
    /// <summary>Beyond this the peers that keep a transaction in memory would measure the machine's memory.</summary>
    private const long TransactionBytes = 64L << 20;
    private const long LoadBytes = 1L << 30;

    /// <summary>What the process may have in memory, page cache included; null without a limit.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>A run does at most so many random operations on a filled tree; null without a limit.</summary>
    public long? OperationLimit { get; init; }

    /// <summary>Whether values differ in all their bytes.</summary>
    public bool HasVariedValues { get; init; }

    /// <summary>
    /// Entries in a transaction of a bulk load: all of them, unless their values are more than a gigabyte or than fits.
    /// </summary>
    public long PerLoad => Math.Max(Math.Min(LoadBytes, Share) / ValueLength, 1);

    /// <summary>Keys and values.</summary>
    public long DataBytes => Entries * (KeyStream.KeyLength + (long)ValueLength);

    /// <summary>
    /// How large a database may become: half-full pages, and what fills and overwrites leave behind. Generous, because
    /// it only serves to refuse what cannot fit.
    /// </summary>
    public long ExpectedFileBytes =>
        (long)Math.Min(4.0 * Entries * (KeyStream.KeyLength + ValueLength + 40), long.MaxValue / 16);

    /// <summary>
    /// The part of the limit that a transaction may take: its pages may be held twice, beside the runtime.
    /// </summary>
    private long Share => (MemoryLimit ?? long.MaxValue) / 4;

    /// <summary>A tenth of the entries, at most 10^5: a tree that is overwritten as a whole several times.</summary>
    public Scale Small => this with { Entries = Math.Clamp(Entries / 10, 1, 100_000) };

    /// <summary>The keys of a filled tree in insertion order, random in key order.</summary>
    public KeyStream FillKeys => new(KeyOrder.Sequential, Seed, Entries);

    /// <summary>The same for a tree that is appended to.</summary>
    public KeyStream AppendKeys => new(KeyOrder.Sequential, Seed, Entries, ordinalFirst: true);

    /// <summary>Keys of a tree that was appended to, drawn at random.</summary>
    public KeyStream DrawnAppended(ulong salt) => new(KeyOrder.Drawn, Seed, Entries, salt, ordinalFirst: true);

    public KeyStream StoredKeys(ulong salt) => new(KeyOrder.Drawn, Seed, Entries, salt);

    public KeyStream AbsentKeys(ulong salt) => new(KeyOrder.Missing, Seed, Entries, salt);

    public KeyStream EveryKeyOnce(ulong salt) => new(KeyOrder.Shuffled, Seed, Entries, salt);

    public ValueSource Values(ulong version) => new(ValueLength, version, HasVariedValues);

    /// <summary>
    /// So many puts per transaction; fewer where large values would make it larger than 64 MiB or than fits.
    /// </summary>
    public int PerTransaction(int wanted) =>
        (int)Math.Clamp(Math.Min(TransactionBytes, Share) / ValueLength, 1, wanted);

    /// <summary>So many random operations; fewer where they are limited.</summary>
    public long Limited(long operations) => Math.Min(operations, OperationLimit ?? long.MaxValue);
}
