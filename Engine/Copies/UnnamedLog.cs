using System.Buffers.Binary;
using Engine.Integrity;
using Engine.Storage;
using static Engine.Integrity.FileFormat;

namespace Engine.Copies;

/// <summary>
/// The space log of a copy that has the pages of one state only: the same, without the entries of named snapshots.
/// Every page keeps its place in the chain; it has a group entry at least.
/// </summary>
internal static class UnnamedLog
{
    /// <summary>Writes the log pages anew, the oldest first.</summary>
    /// <param name="source">The file whose log it is.</param>
    /// <param name="geometry">Its pages.</param>
    /// <param name="meta">Its meta, whose log was found sound.</param>
    /// <param name="target">The copy.</param>
    /// <returns>The CRC of the newest page; 0 if there is none.</returns>
    public static uint Write(IPageReader source, Geometry geometry, MetaSlot meta, IStorageFile target)
    {
        var chain = new List<ulong>();
        var page = new byte[geometry.PageSize];
        for (var number = meta.NewestLogPage; number != 0; number = new LogPageView(page).Older.Page)
        {
            source.Read((long)number * geometry.PageSize, page);
            chain.Add(number);
        }

        uint crc = 0;
        for (var i = chain.Count - 1; i >= 0; i--)
        {
            var offset = (long)chain[i] * geometry.PageSize;
            source.Read(offset, page);
            var entries = WithoutNames(new LogPageView(page).Entries, geometry, meta.Id);
            page.AsSpan(LogEntriesOffset).Clear();
            entries.CopyTo(page, LogEntriesOffset);
            BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(24), entries.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(40), crc);
            crc = Crc32C.OfPage(page);
            BinaryPrimitives.WriteUInt32LittleEndian(page, crc);
            target.Write(offset, page);
        }

        return crc;
    }

    /// <summary>The entries of a page, or of the head, without those of names.</summary>
    public static byte[] WithoutNames(ReadOnlySpan<byte> entries, Geometry geometry, ulong newest)
    {
        var kept = new List<byte>(entries.Length);
        var reader = new LogEntryReader(entries, geometry, newest, mayName: true);
        while (reader.TryRead(out var entry))
        {
            if (!entry.IsOfName)
            {
                kept.AddRange(entries.Slice(entry.Offset, entry.Length));
            }
        }

        return [.. kept];
    }
}
