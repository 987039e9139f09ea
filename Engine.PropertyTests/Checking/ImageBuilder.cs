using System.Buffers.Binary;
using System.Text;

namespace Engine.PropertyTests.Checking;

/// <summary>Builds images by hand, byte by byte after docs/format.md, to test the checker without the engine.</summary>
internal sealed class ImageBuilder
{
    private readonly int _pageSize;
    private readonly byte[] _fileId = Enumerable.Range(1, 16).Select(i => (byte)i).ToArray();

    public ImageBuilder(int pageSize, int pages)
    {
        _pageSize = pageSize;
        Bytes = new byte[pages * pageSize];
        var block = Bytes.AsSpan(0, ImageLayout.BlockSize);
        "ENGNKVDB"u8.CopyTo(block);
        BinaryPrimitives.WriteInt32LittleEndian(block[8..], 3);
        BinaryPrimitives.WriteInt32LittleEndian(block[12..], pageSize);
        _fileId.CopyTo(block[16..]);
        SealBlock(block);
    }

    public byte[] Bytes { get; }

    public long First => ImageLayout.FirstPage(_pageSize);

    public static byte[] Key(string text) => Encoding.UTF8.GetBytes(text);

    public static byte[] Record(
        long root,
        uint crc,
        int depth,
        long entries,
        long leaves,
        long branches,
        long overflow,
        long id,
        long changedIn)
    {
        var record = new byte[64];
        BinaryPrimitives.WriteInt64LittleEndian(record, root);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), crc);
        record[12] = (byte)depth;
        long[] numbers = [entries, leaves, branches, overflow, id, changedIn];
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(16 + 8 * i), numbers[i]);
        }

        return record;
    }

    public static byte[] Empty(long id) => Record(0, 0, 0, 0, 0, 0, 0, id, 0);

    public Span<byte> Page(long page) => Bytes.AsSpan((int)(page * _pageSize), _pageSize);

    /// <summary>Writes a leaf; a value of null takes the overflow reference given beside it.</summary>
    public uint Leaf(long page, long birth, params (byte[] Key, byte[]? Value, byte[]? Reference)[] entries)
    {
        var cells = entries.Select(e =>
        {
            var payload = e.Value ?? e.Reference!;
            var cell = new byte[4 + e.Key.Length + payload.Length];
            BinaryPrimitives.WriteUInt16LittleEndian(cell, (ushort)e.Key.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(
                cell.AsSpan(2), e.Value is null ? (ushort)0x8000 : (ushort)payload.Length);
            e.Key.CopyTo(cell, 4);
            payload.CopyTo(cell, 4 + e.Key.Length);
            return cell;
        }).ToArray();
        return Slotted(page, birth, 1, 0, cells, entries.Select(e => e.Key).ToArray(), 0, null);
    }

    public uint Leaf(long page, long birth, params string[] keys) =>
        Leaf(page, birth, keys.Select(k => (Key(k), (byte[]?)Key("v" + k), (byte[]?)null)).ToArray());

    public uint Branch(long page, long birth, int level, params (string Separator, long Child, uint Crc)[] children)
    {
        var cells = children.Select(c => (byte[])[(byte)c.Separator.Length, 0, .. Key(c.Separator)]).ToArray();
        return Slotted(page, birth, 2, level, cells, children.Select(c => Key(c.Separator)).ToArray(), 1, children);
    }

    /// <summary>Writes a value's run and gives the reference to it.</summary>
    public byte[] Overflow(long page, long birth, byte[] value)
    {
        var pages = ImageLayout.RunPages(value.Length, _pageSize);
        var run = Bytes.AsSpan((int)(page * _pageSize), (int)(pages * _pageSize));
        run.Clear();
        Header(run, 3, 0, page, birth);
        BinaryPrimitives.WriteInt32LittleEndian(run[24..], value.Length);
        value.CopyTo(run[32..]);
        var crc = ImageChecksums.PageCrc(run);
        BinaryPrimitives.WriteUInt32LittleEndian(run, crc);
        var reference = new byte[24];
        BinaryPrimitives.WriteInt64LittleEndian(reference, page);
        BinaryPrimitives.WriteInt64LittleEndian(reference.AsSpan(8), birth);
        BinaryPrimitives.WriteUInt32LittleEndian(reference.AsSpan(16), crc);
        BinaryPrimitives.WriteInt32LittleEndian(reference.AsSpan(20), value.Length);
        return reference;
    }

    public uint Log(long page, long birth, long previous, uint previousCrc, byte[] entries)
    {
        var bytes = Page(page);
        bytes.Clear();
        Header(bytes, 4, 0, page, birth);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], entries.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], previous);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[40..], previousCrc);
        entries.CopyTo(bytes[48..]);
        return Seal(page);
    }

    /// <summary>Computes a page's CRC again.</summary>
    public uint Seal(long page)
    {
        var crc = ImageChecksums.PageCrc(Page(page));
        BinaryPrimitives.WriteUInt32LittleEndian(Page(page), crc);
        return crc;
    }

    public void Meta(
        int slot,
        long id,
        long durableId,
        long pageCount,
        byte[] main,
        byte[]? catalog = null,
        (long First, int Pages)[]? runs = null,
        byte[]? logHead = null,
        (long Page, uint Crc, int Count) log = default,
        long nextTreeId = 2,
        byte[]? listRun = null)
    {
        var block = Bytes.AsSpan((1 + slot) * ImageLayout.BlockSize, ImageLayout.BlockSize);
        block.Clear();
        "ENGNMETA"u8.CopyTo(block);
        BinaryPrimitives.WriteInt32LittleEndian(block[8..], 3);
        BinaryPrimitives.WriteInt32LittleEndian(block[12..], _pageSize);
        _fileId.CopyTo(block[16..]);
        BinaryPrimitives.WriteInt64LittleEndian(block[32..], id);
        BinaryPrimitives.WriteInt64LittleEndian(block[40..], durableId);
        BinaryPrimitives.WriteInt64LittleEndian(block[48..], pageCount);
        block[56] = runs is null ? (byte)2 : (byte)1;
        main.CopyTo(block[64..]);
        (catalog ?? Empty(1)).CopyTo(block[128..]);
        BinaryPrimitives.WriteInt64LittleEndian(block[192..], log.Page);
        BinaryPrimitives.WriteUInt32LittleEndian(block[200..], log.Crc);
        BinaryPrimitives.WriteInt32LittleEndian(block[204..], log.Count);
        BinaryPrimitives.WriteInt64LittleEndian(block[216..], nextTreeId);
        if (runs is not null)
        {
            WriteRuns(block, runs, isInline: listRun is null);
        }

        listRun?.CopyTo(block[ImageLayout.MetaListRun..]);

        if (logHead is not null)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(block[58..], (ushort)logHead.Length);
            logHead.CopyTo(block[ImageLayout.MetaLogHead..]);
        }

        MetaImageMask.Toggle(block);
        SealBlock(block);
    }

    public static void SealBlock(Span<byte> block) =>
        BinaryPrimitives.WriteUInt64LittleEndian(
            block[ImageLayout.ChecksumOffset..], ImageChecksums.XxHash64(block[..ImageLayout.ChecksumOffset]));

    /// <summary>The bytes of a run list; a run that does not ascend has a gap modulo 2^64.</summary>
    public byte[] RunList(params (long First, int Pages)[] runs)
    {
        var list = new List<byte>();
        var next = First;
        foreach (var (first, pages) in runs)
        {
            AddNumber(list, (ulong)(first - next));
            AddNumber(list, (ulong)pages);
            next = first + pages;
        }

        return [.. list];
    }

    private static void AddNumber(List<byte> list, ulong number)
    {
        for (; number > 0x7F; number >>= 7)
        {
            list.Add((byte)(number | 0x80));
        }

        list.Add((byte)number);
    }

    private void WriteRuns(Span<byte> block, (long First, int Pages)[] runs, bool isInline)
    {
        BinaryPrimitives.WriteInt32LittleEndian(block[252..], runs.Length);
        if (isInline)
        {
            var list = RunList(runs);
            BinaryPrimitives.WriteInt16LittleEndian(block[248..], (short)list.Length);
            list.CopyTo(block[ImageLayout.MetaRunList..]);
        }

        var items = new List<byte>();
        for (var i = 0; i < runs.Length; i++)
        {
            for (var page = runs[i].First; page < runs[i].First + runs[i].Pages;)
            {
                items.AddRange(BitConverter.GetBytes(page));
                items.AddRange(BitConverter.GetBytes((ulong)ImageLayout.U32(Page(page), 0)));
                page += Page(page)[4] == 3 ? ImageLayout.RunPages(ImageLayout.U32(Page(page), 24), _pageSize) : 1;
            }
        }

        BinaryPrimitives.WriteUInt64LittleEndian(block[208..], ImageChecksums.XxHash64([.. items]));
    }

    private static void Header(Span<byte> page, byte kind, int level, long number, long birth)
    {
        page[4] = kind;
        page[5] = (byte)level;
        BinaryPrimitives.WriteInt64LittleEndian(page[8..], number);
        BinaryPrimitives.WriteInt64LittleEndian(page[16..], birth);
    }

    private uint Slotted(
        long number,
        long birth,
        byte kind,
        int level,
        byte[][] cells,
        byte[][] keys,
        int firstKey,
        (string Separator, long Child, uint Crc)[]? children)
    {
        var page = Page(number);
        page.Clear();
        Header(page, kind, level, number, birth);
        var count = cells.Length;
        BinaryPrimitives.WriteUInt16LittleEndian(page[24..], (ushort)count);
        var skip = count - firstKey < 2 ? 0 : keys[firstKey].AsSpan().CommonPrefixLength(keys[^1]);
        BinaryPrimitives.WriteUInt16LittleEndian(page[6..], (ushort)skip);
        var offsets = 32 + (children is null ? 4 : 16) * count;
        var end = page.Length;
        for (var i = 0; i < count; i++)
        {
            end -= cells[i].Length;
            cells[i].CopyTo(page[end..]);
            BinaryPrimitives.WriteUInt16LittleEndian(page[(offsets + 2 * i)..], (ushort)end);
            if (i >= firstKey)
            {
                byte[] head = [.. keys[i].Skip(skip).Take(4), 0, 0, 0, 0];
                BinaryPrimitives.WriteUInt32LittleEndian(
                    page[(32 + 4 * i)..], BinaryPrimitives.ReadUInt32BigEndian(head));
            }

            if (children is not null)
            {
                BinaryPrimitives.WriteInt64LittleEndian(page[(32 + 4 * count + 12 * i)..], children[i].Child);
                BinaryPrimitives.WriteUInt32LittleEndian(page[(32 + 4 * count + 12 * i + 8)..], children[i].Crc);
            }
        }

        BinaryPrimitives.WriteUInt16LittleEndian(page[26..], (ushort)(page.Length - end));
        return Seal(number);
    }
}
