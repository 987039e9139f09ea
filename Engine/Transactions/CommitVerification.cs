using System.Buffers.Binary;
using Engine.Pages;
using Engine.Storage;

namespace Engine.Transactions;

/// <summary>
/// Looks whether the pages of a verified commit are there, which tells a commit that was flushed from one that
/// a crash cut off.
/// </summary>
internal static class CommitVerification
{
    /// <summary>
    /// Pages are read in pieces of this size at most, so that memory is bounded whatever the run list
    /// says.
    /// </summary>
    private const int ChunkBytes = 64 * 1024;

    /// <summary>Whether every page that a verified commit lists is there as it was written.</summary>
    /// <param name="file">The database file.</param>
    /// <param name="meta">The meta of the commit.</param>
    /// <param name="pageSize">The page size.</param>
    /// <param name="mismatch">The first page that is not; null if no single one can be blamed.</param>
    public static bool PagesMatch(IStorageFile file, Meta meta, int pageSize, out ulong? mismatch)
    {
        var reader = new PageReader(file, pageSize);
        if (!TryReadRuns(reader, meta, pageSize, out var runs, out mismatch))
        {
            return false;
        }

        var digest = default(XxHash64);
        foreach (var run in runs)
        {
            var page = run.Start;
            var end = run.Start + run.Length;
            while (page < end)
            {
                mismatch = page;
                if (!reader.TryRead(page, out var bytes))
                {
                    return false;
                }

                var stored = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
                if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[PageLayout.NumberOffset..]) != page
                    || BinaryPrimitives.ReadUInt64LittleEndian(bytes[PageLayout.BirthOffset..]) != meta.Id)
                {
                    return false;
                }

                var pages = bytes[PageLayout.KindOffset] == (byte)PageKind.Overflow
                    ? PageLayout.OverflowPages(
                        BinaryPrimitives.ReadUInt32LittleEndian(bytes[PageLayout.LengthOffset..]), pageSize)
                    : 1;
                if (pages > end - page || !TryRunCrc(reader, page, pages, out var crc))
                {
                    return false;
                }

                if (crc != stored)
                {
                    return false;
                }

                digest.Append(page);
                digest.Append(crc);
                page += pages;
            }
        }

        mismatch = null;
        return digest.Finish() == meta.Digest;
    }

    /// <summary>
    /// The runs that a meta lists; none if it is an ordered one. A list run is verified before it is believed.
    /// </summary>
    /// <param name="file">The database file.</param>
    /// <param name="meta">The meta.</param>
    /// <param name="pageSize">The page size.</param>
    /// <param name="runs">The runs, ascending, without overlap, within the pages of the file.</param>
    /// <returns>False if the list is not there as it was written.</returns>
    public static bool TryReadRuns(IStorageFile file, Meta meta, int pageSize, out PageRun[] runs) =>
        TryReadRuns(new PageReader(file, pageSize), meta, pageSize, out runs, out _);

    private static bool TryReadRuns(
        PageReader reader, Meta meta, int pageSize, out PageRun[] runs, out ulong? mismatch)
    {
        mismatch = null;
        runs = [];
        var bytes = meta.InlineRuns.Span;
        if (meta.RunCount > 0 && meta.ListRun.Page != 0)
        {
            mismatch = meta.ListRun.Page;
            if (!TryReadListRun(reader, meta.ListRun, pageSize, out var value))
            {
                return false;
            }

            bytes = value;
        }

        return RunList.TryRead(bytes, meta.RunCount, PageLayout.FirstPage(pageSize), meta.PageCount, out runs);
    }

    /// <summary>Reads the value of a list run, by all that its reference says of it.</summary>
    private static bool TryReadListRun(PageReader reader, OverflowReference list, int pageSize, out byte[] value)
    {
        var pages = PageLayout.OverflowPages(list.Length, pageSize);
        var run = new byte[(int)pages * pageSize];
        value = [];
        for (ulong i = 0; i < pages; i++)
        {
            if (!reader.TryRead(list.Page + i, out var bytes))
            {
                return false;
            }

            bytes.CopyTo(run.AsSpan((int)i * pageSize));
        }

        var crc = PageChecksum.ComputeRun(run, pageSize);
        if (crc != list.Crc
            || BinaryPrimitives.ReadUInt32LittleEndian(run) != crc
            || run[PageLayout.KindOffset] != (byte)PageKind.Overflow
            || BinaryPrimitives.ReadUInt64LittleEndian(run.AsSpan(PageLayout.NumberOffset)) != list.Page
            || BinaryPrimitives.ReadUInt64LittleEndian(run.AsSpan(PageLayout.BirthOffset)) != list.Birth
            || BinaryPrimitives.ReadUInt32LittleEndian(run.AsSpan(PageLayout.LengthOffset)) != list.Length)
        {
            return false;
        }

        value = run[PageLayout.HeaderSize..(PageLayout.HeaderSize + (int)list.Length)];
        return true;
    }

    /// <summary>The CRC of a run; of a single page, which is summed as a run of one is.</summary>
    private static bool TryRunCrc(PageReader reader, ulong first, ulong pages, out uint crc)
    {
        crc = uint.MaxValue;
        for (ulong i = 0; i < pages; i++)
        {
            if (!reader.TryRead(first + i, out var bytes))
            {
                return false;
            }

            crc = PageChecksum.AppendToRun(crc, bytes, isFirst: i == 0);
        }

        crc = ~crc;
        return true;
    }

    /// <summary>Reads pages in ascending order through a buffer of bounded size.</summary>
    private sealed class PageReader(IStorageFile file, int pageSize)
    {
        private readonly byte[] _buffer = new byte[Math.Max(Math.Min(ChunkBytes, file.Length), pageSize)];
        private readonly long _length = file.Length;
        private long _start = -1;
        private int _filled;

        /// <summary>The page's bytes, valid until the next call; false if the file ends before them.</summary>
        public bool TryRead(ulong page, out ReadOnlySpan<byte> bytes)
        {
            bytes = default;
            var offset = (UInt128)page * (uint)pageSize;
            if (offset + (uint)pageSize > (UInt128)_length)
            {
                return false;
            }

            var position = (long)offset;
            if (_start < 0 || position < _start || position + pageSize > _start + _filled)
            {
                _start = position;
                _filled = (int)Math.Min(_buffer.Length, (_length - position) / pageSize * pageSize);
                file.Read(position, _buffer.AsSpan(0, _filled));
            }

            bytes = _buffer.AsSpan((int)(position - _start), pageSize);
            return true;
        }
    }
}
