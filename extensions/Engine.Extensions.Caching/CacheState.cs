using System.Buffers.Binary;

namespace Engine.Extensions.Caching;

/// <summary>What a cache knows of itself from one session to the next; written with each batch of changes.</summary>
/// <param name="NextId">The id of the next entry.</param>
/// <param name="Size">Bytes of all entries: stored keys and what is stored under them.</param>
internal readonly record struct CacheState(ulong NextId, long Size)
{
    public const int Length = 20;

    private const int Version = 1;

    public static ReadOnlySpan<byte> Key => "state"u8;

    public void Write(Span<byte> stored)
    {
        BinaryPrimitives.WriteInt32LittleEndian(stored, Version);
        BinaryPrimitives.WriteUInt64LittleEndian(stored[4..], NextId);
        BinaryPrimitives.WriteInt64LittleEndian(stored[12..], Size);
    }

    /// <exception cref="InvalidDataException">It was written by another version of the cache, or by something else.
    /// </exception>
    public static CacheState Read(ReadOnlySpan<byte> stored, string name)
    {
        if (stored.Length != Length || BinaryPrimitives.ReadInt32LittleEndian(stored) != Version)
        {
            throw new InvalidDataException(
                $"The trees of cache '{name}' were written by another version, or by something that is no cache. "
                + "Delete the file if it is the cache's own, or choose another name.");
        }

        return new CacheState(
            BinaryPrimitives.ReadUInt64LittleEndian(stored[4..]), BinaryPrimitives.ReadInt64LittleEndian(stored[12..]));
    }
}
