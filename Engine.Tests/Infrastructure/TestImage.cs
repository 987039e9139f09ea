using System.Buffers.Binary;

namespace Engine.Tests.Infrastructure;

/// <summary>
/// The bytes of a database file, with enough knowledge of what is where to damage it on purpose and to mend the
/// checksums afterwards, so that the damage itself is what a check gets to see.
/// </summary>
internal sealed class TestImage(byte[] bytes, int pageSize, int slot, List<ImagePage> pages)
{
    public const string Catalog = "<catalog>";

    /// <summary>The file, but with the metas as their fields are, without the mask of version 3.</summary>
    public byte[] Bytes { get; set; } = bytes;

    /// <summary>A copy of the file as it is stored.</summary>
    public byte[] File
    {
        get
        {
            byte[] file = [.. Bytes];
            for (var block = 4096; block <= 8192 && block + 4096 <= file.Length; block += 4096)
                ImageMask.Apply(file.AsSpan(block, 4096));
            return file;
        }
    }

    public int PageSize { get; } = pageSize;

    /// <summary>The slot of the current meta; the other one holds the durable one before it.</summary>
    public int Slot { get; } = slot;

    /// <summary>All pages and runs in use, each before the page that refers to it.</summary>
    public IReadOnlyList<ImagePage> Pages { get; } = pages;

    public Span<byte> Superblock => Bytes.AsSpan(0, 4096);

    public Span<byte> Meta => Bytes.AsSpan(4096 * (1 + Slot), 4096);

    public Span<byte> OtherMeta => Bytes.AsSpan(4096 * (2 - Slot), 4096);

    /// <summary>The run list of the current meta, wherever it is.</summary>
    public List<(ulong First, ulong Pages)> Runs
    {
        get => ImageRunList.Read(Meta, List, FirstPage);
        set => ImageRunList.Write(Meta, List, FirstPage, value);
    }

    /// <summary>The value of the list run; empty if the list is in the meta.</summary>
    public Span<byte> List => ListRun is { } run
        ? Bytes.AsSpan(((int)run.Number * PageSize) + 32, (run.Length * PageSize) - 32)
        : [];

    public ImagePage? ListRun => Pages.FirstOrDefault(page => page.IsListRun);

    private ulong FirstPage => (ulong)(Math.Max(16384, PageSize) / PageSize);

    public Span<byte> Page(ulong number) => Bytes.AsSpan((int)number * PageSize, PageSize);

    public ImagePage Leaf(string tree = "", int index = 0) => Find(1, tree, index);

    public ImagePage Branch(string tree = "", int index = 0) => Find(2, tree, index);

    public ImagePage Overflow(string tree = "", int index = 0) => Find(3, tree, index);

    public ImagePage LogPage(int index = 0) => Pages.Where(page => page.Kind == 4).ElementAt(index);

    public ImagePage Root(string tree = "") => Pages.Last(page => page.Tree == tree && page.Kind != 3);

    /// <summary>Where a leaf's or branch's slot array says that a cell is.</summary>
    public int CellOffset(ImagePage page, int index) => Get16(page.Number, OffsetSlot(page, index));

    /// <summary>Where the slot of a cell's offset is.</summary>
    public int OffsetSlot(ImagePage page, int index)
    {
        var count = Get16(page.Number, 24);
        return 32 + (page.Kind == 1 ? 4 : 16) * count + 2 * index;
    }

    public ushort Get16(ulong page, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(Page(page)[offset..]);

    public ulong Get64(ulong page, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Page(page)[offset..]);

    public void Set16(ulong page, int offset, int value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(Page(page)[offset..], (ushort)value);

    public void Set32(ulong page, int offset, long value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(Page(page)[offset..], (uint)value);

    public void Set64(ulong page, int offset, ulong value) =>
        BinaryPrimitives.WriteUInt64LittleEndian(Page(page)[offset..], value);

    /// <summary>The offset in a leaf of the value, or the reference, of an entry.</summary>
    public int ValueOffset(ImagePage page, int index) =>
        CellOffset(page, index) + 4 + Get16(page.Number, CellOffset(page, index));

    /// <summary>The offset in a catalog leaf of the tree record with this number among its entries.</summary>
    public int RecordOffset(int index) => ValueOffset(Leaf(Catalog), index);

    /// <summary>
    /// Recomputes every page and run CRC, from the leaves up to the current meta, then the digest of its run list, then
    /// the block checksums.
    /// </summary>
    public void Mend()
    {
        foreach (var page in Pages)
        {
            var run = Bytes.AsSpan((int)page.Number * PageSize, page.Length * PageSize);
            var crc = ImageChecksums.PageCrc(run);
            BinaryPrimitives.WriteUInt32LittleEndian(run, crc);
            var holder = page.Holder is { } number ? Page(number) : Meta;
            BinaryPrimitives.WriteUInt32LittleEndian(holder[page.HolderOffset..], crc);
            foreach (var (other, offset) in page.MoreHolders)
                BinaryPrimitives.WriteUInt32LittleEndian(Page(other)[offset..], crc);
        }

        if (Meta[56] == 1)
            BinaryPrimitives.WriteUInt64LittleEndian(Meta[208..], Digest());
        MendBlocks();
    }

    /// <summary>Recomputes the checksums of the superblock and of both metas, and nothing else.</summary>
    public void MendBlocks()
    {
        MendBlock(Superblock);
        MendBlock(Meta);
        if (OtherMeta.ContainsAnyExcept((byte)0))
            MendBlock(OtherMeta);
    }

    public TestImage Clone() => new([.. Bytes], PageSize, Slot, [.. Pages]);

    /// <summary>The checksum is that of the bytes as they are stored.</summary>
    private static void MendBlock(Span<byte> block)
    {
        byte[] stored = [.. block];
        ImageMask.Apply(stored);
        BinaryPrimitives.WriteUInt64LittleEndian(block[4088..], ImageChecksums.Xxh64(stored.AsSpan(0, 4088)));
    }

    private ulong Digest()
    {
        var records = new List<byte>();
        foreach (var (first, pages) in Runs)
        {
            var end = first + pages;
            for (var page = first; page < Math.Min(end, (ulong)(Bytes.Length / PageSize));)
            {
                var record = new byte[16];
                BinaryPrimitives.WriteUInt64LittleEndian(record, page);
                Page(page)[..4].CopyTo(record.AsSpan(8));
                records.AddRange(record);
                page += (ulong)(Pages.FirstOrDefault(known => known.Number == page)?.Length ?? 1);
            }
        }

        return ImageChecksums.Xxh64(records.ToArray());
    }

    private ImagePage Find(int kind, string tree, int index) =>
        Pages.Where(page => page.Kind == kind && page.Tree == tree).ElementAt(index);
}
