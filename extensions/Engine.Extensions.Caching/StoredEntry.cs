using System.Buffers.Binary;

namespace Engine.Extensions.Caching;

/// <summary>An entry as the writer finds it.</summary>
/// <param name="Header">What stands before its value.</param>
/// <param name="Deadline">Its end as it is written, which may be later than that in the header.</param>
/// <param name="Length">Bytes that are stored under its key.</param>
/// <param name="IsOfKey">Whether it is the entry of the key that was looked for, and not of one with its hash.</param>
internal readonly record struct StoredEntry(EntryHeader Header, long Deadline, long Length, bool IsOfKey)
{
    public static StoredEntry From(
        scoped ReadTransaction read, CacheTrees trees, scoped ReadOnlySpan<byte> stored, string? key)
    {
        if (!EntryHeader.TryRead(stored, out var header))
        {
            // None of ours: no id that anything is noted for.
            return new StoredEntry(default, Lifetime.Never, stored.Length, IsOfKey: true);
        }

        return new StoredEntry(
            header,
            header.Lifetime.IsSliding ? Slide(read, trees, header) : header.Lifetime.Deadline,
            stored.Length,
            key is null || header.IsOf(key, stored));
    }

    /// <summary>The written end of a sliding entry.</summary>
    public static long Slide(scoped ReadTransaction read, CacheTrees trees, in EntryHeader header)
    {
        Span<byte> id = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(id, header.Id);
        return read[trees.Slides].TryGet(id, out var slide) && slide.Length == sizeof(long)
            ? Math.Max(header.Lifetime.Deadline, BinaryPrimitives.ReadInt64LittleEndian(slide))
            : header.Lifetime.Deadline;
    }
}
