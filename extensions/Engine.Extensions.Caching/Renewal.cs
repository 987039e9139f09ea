namespace Engine.Extensions.Caching;

/// <summary>The end of a sliding entry that has moved since it was written.</summary>
internal sealed class Renewal(ulong id, byte[] storedKey, long ticks) : Deadline(ticks)
{
    public ulong Id { get; } = id;

    public byte[] StoredKey { get; } = storedKey;
}
