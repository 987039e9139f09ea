namespace Engine.Extensions.Caching;

/// <summary>A change that is not written yet: an entry that was set, or the removal of one.</summary>
/// <param name="key">Its key.</param>
/// <param name="value">Its value; null: it was removed.</param>
/// <param name="lifetime">When it ends.</param>
internal sealed class PendingEntry(string key, byte[]? value, Lifetime lifetime) : Deadline(lifetime.Deadline)
{
    /// <summary>What an entry in memory takes beside its characters and bytes, about.</summary>
    private const int Overhead = 200;

    public string Key { get; } = key;

    public byte[]? Value { get; } = value;

    public Lifetime Lifetime { get; } = lifetime;

    /// <summary>Bytes of memory, about.</summary>
    public long Size => Overhead + (2L * Key.Length) + (Value?.LongLength ?? 0);
}
