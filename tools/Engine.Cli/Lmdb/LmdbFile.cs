using System.Buffers.Binary;
using Engine.Cli.Shared;
using Engine.Integrity;
using Microsoft.Win32.SafeHandles;
using static Engine.Cli.Lmdb.LmdbLayout;

namespace Engine.Cli.Lmdb;

/// <summary>
/// The data file of LMDB 0.9 or 1.0, read with positional reads and without LMDB. Nothing in it is believed: every
/// reference is checked against the length of the file, and each page is read for one purpose only, so that whatever
/// the bytes are, reading ends.
/// </summary>
internal sealed class LmdbFile : IDisposable
{
    private const string DataFile = "data.mdb";
    private const string LoadDump = "engine load FILE - --format mdb";

    private readonly SafeFileHandle _handle;
    private readonly PageSet _used;

    private LmdbFile(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
        Meta = ReadNewestMeta();
        if (Meta.IsEncrypted)
        {
            throw new LmdbFormatException(
                $"the pages of '{path}' are encrypted: make a dump with the mdb_dump of LMDB 1.0, which takes the "
                + $"program's key, and load that: {LoadDump}");
        }

        ulong pagesInFile = (ulong)RandomAccess.GetLength(_handle) / (uint)Meta.PageSize;
        PageCount = Math.Min(Meta.LastPage, pagesInFile == 0 ? 0 : pagesInFile - 1) + 1;
        _used = new PageSet(PageCount);
    }

    public string Path { get; }

    /// <summary>The newer one of the two metas.</summary>
    public LmdbMeta Meta { get; }

    public LmdbFormat Format => Meta.Format;

    public int PageSize => Meta.PageSize;

    /// <summary>Pages that the meta names and the file holds.</summary>
    public ulong PageCount { get; }

    /// <summary>Opens a data file, or the one in a directory.</summary>
    /// <exception cref="UsageException">There is no such file, or it cannot be read.</exception>
    /// <exception cref="LmdbFormatException">It is no file of LMDB that can be read.</exception>
    public static LmdbFile Open(string path)
    {
        if (Directory.Exists(path))
            path = System.IO.Path.Combine(path, DataFile);
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return new LmdbFile(path, handle);
        }
        catch (Exception exception)
        {
            handle?.Dispose();
            throw exception switch
            {
                FileNotFoundException or DirectoryNotFoundException =>
                    new UsageException(
                        $"there is no file '{path}': give the data file of LMDB, or the directory that holds its "
                        + $"{DataFile}",
                        exception),
                IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException =>
                    new UsageException($"cannot read '{path}': {exception.Message}", exception),
                _ => exception,
            };
        }
    }

    /// <summary>
    /// Whether a transaction was committed to the file since it was opened, so that what was read may be of two of
    /// them.
    /// </summary>
    public bool HasChanged()
    {
        try
        {
            return ReadNewestMeta() != Meta;
        }
        catch (LmdbFormatException)
        {
            return true;
        }
    }

    /// <summary>Reads a page of a tree.</summary>
    public void ReadPage(ulong number, Span<byte> page)
    {
        Claim(number, 1);
        Read(number, page);
        if (U64(page, 0) != number)
            throw Damaged($"page {number} says that it is page {U64(page, 0)}");
    }

    /// <summary>Reads a value of an overflow run.</summary>
    public void ReadOverflow(ulong number, Span<byte> value)
    {
        Claim(number, 1);
        Span<byte> header = stackalloc byte[Format.HeaderLength];
        Read(number, header);
        if (U64(header, 0) != number || (U16(header, Format.FlagsOffset) & KindMask) != OverflowPage)
            throw Damaged($"page {number} is no overflow page, but a value refers to it");
        ulong pages = ((ulong)Format.HeaderLength + (uint)value.Length + (uint)PageSize - 1) / (uint)PageSize;
        uint there = U32(header, Format.LowerOffset);
        if (there < pages)
            throw Damaged($"the overflow pages from {number} on are {there}, but the value needs {pages}");
        if (pages > 1)
            Claim(number + 1, pages - 1);
        ReadAt((long)(number * (uint)PageSize) + Format.HeaderLength, value, number);
    }

    /// <summary>What to throw when the bytes make no sense; if they changed meanwhile, that is the reason.</summary>
    public LmdbFormatException Damaged(string problem) => HasChanged()
        ? Changed()
        : new LmdbFormatException(
            $"'{Path}' is damaged: {problem}; nothing was imported: take a backup, or what mdb_dump still reads");

    public LmdbFormatException Changed() =>
        new(
            $"'{Path}' was written to while it was read; nothing was imported: stop its writers, or import a copy that "
            + $"mdb_copy made");

    public void Dispose() => _handle.Dispose();

    private void Claim(ulong first, ulong pages)
    {
        if (first < 2 || first >= PageCount || pages > PageCount - first)
        {
            ulong last = first > ulong.MaxValue - pages ? ulong.MaxValue : first + pages - 1;
            throw Damaged($"a reference to page {last}, where the file has pages 2 to {PageCount - 1}");
        }

        ulong taken = _used.Add(first, pages);
        if (taken != PageSet.None)
            throw Damaged($"page {taken} is referred to twice");
    }

    private void Read(ulong number, Span<byte> destination) =>
        ReadAt((long)(number * (uint)PageSize), destination, number);

    private void ReadAt(long offset, Span<byte> destination, ulong page)
    {
        try
        {
            while (!destination.IsEmpty)
            {
                int read = RandomAccess.Read(_handle, destination, offset);
                if (read == 0)
                    throw Damaged($"the file ends within page {page}");
                destination = destination[read..];
                offset += read;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot read '{Path}': {exception.Message}", exception);
        }
    }

    private LmdbMeta ReadNewestMeta()
    {
        byte[] start = new byte[MetaPageLength];
        int length = ReadUpTo(start, 0);
        LmdbMeta? first = LmdbMeta.TryRead(start.AsSpan(0, length));
        LmdbMeta? second = null;

        // The first meta tells where the second one lies. Without it, the second one is looked for.
        for (int pageSize = first?.PageSize ?? SmallestPage;
            second is null && pageSize <= (first?.PageSize ?? LargestPage);
            pageSize *= 2)
        {
            byte[] page = new byte[MetaPageLength];
            second = LmdbMeta.TryRead(page.AsSpan(0, ReadUpTo(page, pageSize)));
            if (second?.PageSize != pageSize)
                second = null;
        }

        return (first, second) switch
        {
            (not null, not null) => second.TransactionId > first.TransactionId ? second : first,
            (null, null) => throw NotLmdb(start.AsSpan(0, length)),
            _ => first ?? second!,
        };
    }

    private int ReadUpTo(Span<byte> buffer, long offset)
    {
        int length = 0;
        while (length < buffer.Length
            && RandomAccess.Read(_handle, buffer[length..], offset + length) is > 0 and var read)
            length += read;
        return length;
    }

    private LmdbFormatException NotLmdb(ReadOnlySpan<byte> start)
    {
        const string Instead = $"make a dump with mdb_dump -a where it was written, and load that: {LoadDump}";
        if (start.IsEmpty)
            return new LmdbFormatException($"'{Path}' is empty: no transaction was ever committed to it");

        // The header of a page is 12 bytes in LMDB 0.9 on 32 bits, 16 in 0.9 on 64 and in 1.0 on 32 bits, and 24 in 1.0
        // on 64 bits.
        for (int offset = 8; offset + 8 <= Math.Min(start.Length, 40); offset += 4)
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(start[offset..]) == Magic)
                return new LmdbFormatException($"'{Path}' was written on a big-endian machine: {Instead}");
            if (U32(start, offset) != Magic)
                continue;
            uint version = U32(start, offset + 4);
            LmdbFormat? format = LmdbFormat.All.FirstOrDefault(known => known.Version == version);
            return new LmdbFormatException(format is null
                ? $"'{Path}' has version {version} of LMDB's format, and only 1 (LMDB 0.9) and 2 (LMDB 1.0) can be "
                    + $"read: {Instead}"
                : offset < format.HeaderLength
                ? $"'{Path}' has version {version} of LMDB's format as a 32-bit machine writes it: {Instead}"
                : $"'{Path}' is damaged: neither of its metas is whole; nothing was imported: take a backup, or what "
                    + "mdb_dump still reads");
        }

        return new LmdbFormatException(
            $"'{Path}' is no data file of LMDB: give data.mdb, or the directory that holds it");
    }
}
