using Engine.Bench.Data;

namespace Engine.Bench.Workloads;

/// <summary>How large a comparison is, and the data that follows from it.</summary>
internal sealed record Scale(long Entries, ulong Seed, int ValueLength = 100)
{
    /// <summary>A tenth of the entries, at most 10^5: a tree that is overwritten as a whole several times.</summary>
    public Scale Small => this with { Entries = Math.Clamp(Entries / 10, 1, 100_000) };

    /// <summary>The keys of a filled tree in insertion order, random in key order.</summary>
    public KeyStream FillKeys => new(KeyOrder.Sequential, Seed, Entries);

    /// <summary>The same for a tree that is appended to.</summary>
    public KeyStream AppendKeys => new(KeyOrder.Sequential, Seed, Entries, ordinalFirst: true);

    public KeyStream StoredKeys(ulong salt) => new(KeyOrder.Drawn, Seed, Entries, salt);

    public KeyStream AbsentKeys(ulong salt) => new(KeyOrder.Missing, Seed, Entries, salt);

    public KeyStream EveryKeyOnce(ulong salt) => new(KeyOrder.Shuffled, Seed, Entries, salt);

    public ValueSource Values(ulong version) => new(ValueLength, version);
}
