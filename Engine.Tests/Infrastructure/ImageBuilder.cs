using System.Buffers.Binary;
using System.Text;

namespace Engine.Tests.Infrastructure;

/// <summary>
/// Writes database files from docs/format.md, without a line of the engine: what a check passes was then not made by
/// what it checks. Pages are numbered in the order in which they are built, children before parents.
/// </summary>
internal sealed class ImageBuilder(int pageSize = 512)
{
    private readonly SortedDictionary<string, ImageTree> _trees = new(StringComparer.Ordinal);
    private readonly List<ImagePage> _pages = [];
    private readonly List<byte[]> _logPages = [];
    private readonly List<(ulong First, ulong Pages)> _holes = [];
    private byte[] _bytes = new byte[Math.Max(16384, pageSize)];
    private int _length = Math.Max(16384, pageSize);

    public int PageSize { get; } = pageSize;

    /// <summary>
    /// The transaction id of the current meta. The other slot holds an empty database of <see cref="DurableId"/>.
    /// </summary>
    public ulong Id { get; set; } = 9;

    public ulong DurableId { get; set; } = 8;

    public bool IsVerified { get; set; }

    /// <summary>The format version: 3, or 2, which is only read.</summary>
    public int Version { get; init; } = 3;

    /// <summary>Of the run list, if it is in an overflow run; in an ordered meta it lists nothing.</summary>
    public ulong? ListRunBirth { get; set; }

    /// <summary>The attributes of a tree, by its name; those of the database have the empty name.</summary>
    public Dictionary<string, byte[]> Attributes { get; } = [];

    /// <summary>Leaves are born in turn in transactions from <see cref="Id"/> down to this one.</summary>
    public ulong OldestBirth { get; set; } = 9;

    public ImageTree Default { get; } = new(0);

    public ImageTree CatalogTree { get; } = new(1);

    /// <summary>Entries of the log head; when there is no log at all, one is written that frees the holes.</summary>
    public ImageLog LogHead { get; } = new();

    /// <summary>Bytes that the file is longer than its pages.</summary>
    public int Slack { get; set; }

    public ulong NextPage => (ulong)(_length / PageSize);

    public ImageTree Tree(string name)
    {
        if (!_trees.TryGetValue(name, out var tree))
            _trees.Add(name, tree = new ImageTree(2 + (ulong)_trees.Count));
        return tree;
    }

    /// <summary>Whether the meta says that the log may have entries of named snapshots; it does if there are any.</summary>
    public bool? HasNames { get; init; }

    /// <summary>Writes the entries of the log about a named snapshot, if they are to be others than its own.</summary>
    public Action<ImageLog, ImageSnapshot>? SnapshotLog { get; set; }

    public List<ImageSnapshot> Snapshots { get; } = [];

    /// <summary>Adds a named snapshot.</summary>
    public ImageSnapshot Snapshot(ImageSnapshot snapshot, params string[] names)
    {
        snapshot.Names.AddRange(names);
        Snapshots.Add(snapshot);
        return snapshot;
    }

    /// <summary>Adds a log page, newer than those before it.</summary>
    public ImageBuilder LogPage(ImageLog entries)
    {
        _logPages.Add(entries.ToArray());
        return this;
    }

    /// <summary>Leaves pages out, full of junk: free, unless a test says otherwise in the log.</summary>
    public ulong Hole(ulong pages)
    {
        var first = Allocate((int)pages);
        _bytes.AsSpan((int)first * PageSize, (int)pages * PageSize).Fill(0xEE);
        _holes.Add((first, pages));
        return first;
    }

    public TestImage Build()
    {
        var defaultRecord = new ImageTreeWriter(this, "", Default).Write(out var defaultRoot);
        Snapshots.ForEach(snapshot => snapshot.Write(this, defaultRecord, defaultRoot, _pages));
        var nextTreeId = 2 + (ulong)_trees.Count;
        foreach (var (name, tree) in _trees)
        {
            var record = new ImageTreeWriter(this, name, tree).Write(out var root);
            CatalogTree.Put(Encoding.UTF8.GetBytes(name), [.. record, .. Attributes.GetValueOrDefault(name, [])]);
            CatalogRoots[name] = root;
        }

        if (Attributes.TryGetValue("", out var attributes))
            CatalogTree.Put([], attributes);
        var catalogRecord = new ImageTreeWriter(this, TestImage.Catalog, CatalogTree).Write(out var catalogRoot);
        WriteLogPages();
        var list = ListRunBirth is { } birth ? NewListRun(birth) : null;

        // As if there had never been a crash: creation writes id 1 into slot 0, and from then on they take turns.
        var slot = Id % 2 == 0 ? 1 : 0;
        var pageCount = NextPage;
        if (LogHead.Length == 0 && _logPages.Count == 0 && _holes.Count > 0)
        {
            LogHead.Group(Id);
            _holes.ForEach(hole => LogHead.Free(hole.First, hole.Pages));
        }

        foreach (var snapshot in Snapshots)
            (SnapshotLog ?? ((log, of) => of.WriteLog(log, Id)))(LogHead, snapshot);

        var meta = MetaBlock(Id, DurableId, pageCount, IsVerified, defaultRecord, catalogRecord, nextTreeId);
        SetHolder(defaultRoot, null, 64 + 8);
        SetHolder(catalogRoot, null, 128 + 8);
        if (_logPages.Count > 0)
        {
            var newest = _pages.Last(page => page.Kind == 4);
            BinaryPrimitives.WriteUInt64LittleEndian(meta.AsSpan(192), newest.Number);
            BinaryPrimitives.WriteInt32LittleEndian(meta.AsSpan(204), _logPages.Count);
            SetHolder(newest, null, 200);
        }

        meta[60] = (byte)(HasNames ?? Snapshots.Count > 0 ? 1 : 0);
        meta[58] = (byte)LogHead.Length;
        meta[59] = (byte)(LogHead.Length >> 8);
        LogHead.ToArray().CopyTo(meta, 1280);
        if (list is not null)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(meta.AsSpan(224), list.Number);
            BinaryPrimitives.WriteUInt64LittleEndian(meta.AsSpan(232), list.Birth);
            BinaryPrimitives.WriteInt32LittleEndian(meta.AsSpan(244), PageSize - 32);
            SetHolder(list, null, 240);
        }

        if (IsVerified)
            WriteRunList(meta, list is null ? [] : Page(list.Number)[32..PageSize]);
        meta.CopyTo(_bytes, 4096 * (1 + slot));
        if (Id != DurableId)
        {
            var firstPage = (ulong)(Math.Max(16384, PageSize) / PageSize);
            MetaBlock(
                DurableId,
                DurableId - 1,
                firstPage,
                false,
                ImageTreeWriter.EmptyRecord(0),
                ImageTreeWriter.EmptyRecord(1),
                2)
                .CopyTo(_bytes, 4096 * (2 - slot));
        }

        "ENGNKVDB"u8.CopyTo(_bytes);
        WriteVersionPageSizeAndFileId(_bytes);
        Array.Resize(ref _bytes, _length + Slack);
        var image = new TestImage(_bytes, PageSize, slot, _pages);
        image.Mend();
        return image;
    }

    /// <summary>The roots of the named trees, for the catalog's leaves, which hold their CRCs.</summary>
    internal Dictionary<string, ImagePage?> CatalogRoots { get; } = [];

    internal ulong Allocate(int pages)
    {
        var first = NextPage;
        _length += pages * PageSize;
        if (_length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_length, 2 * _bytes.Length));
        return first;
    }

    internal Span<byte> Page(ulong number) => _bytes.AsSpan((int)number * PageSize);

    /// <summary>Takes pages and writes the first 24 bytes of their header.</summary>
    internal ImagePage NewPage(int kind, int level, string? tree, ulong birth, int length = 1)
    {
        var page = new ImagePage
        {
            Number = Allocate(length),
            Kind = kind,
            Level = level,
            Tree = tree,
            Birth = birth,
            Length = length,
        };
        var bytes = Page(page.Number);
        bytes[4] = (byte)kind;
        bytes[5] = (byte)level;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], page.Number);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], birth);
        _pages.Add(page);
        return page;
    }

    internal static void SetHolder(ImagePage? page, ulong? holder, int offset)
    {
        if (page is not null)
            (page.Holder, page.HolderOffset) = (holder, offset);
    }

    private void WriteLogPages()
    {
        ImagePage? older = null;
        foreach (var entries in _logPages)
        {
            var page = NewPage(4, 0, null, Id);
            var bytes = Page(page.Number);
            BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], entries.Length);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes[32..], older?.Number ?? 0);
            entries.CopyTo(bytes[48..PageSize]);
            SetHolder(older, page.Number, 40);
            older = page;
        }
    }

    private byte[] MetaBlock(
        ulong id,
        ulong durableId,
        ulong pageCount,
        bool isVerified,
        byte[] defaultRecord,
        byte[] catalogRecord,
        ulong nextTreeId)
    {
        var meta = new byte[4096];
        "ENGNMETA"u8.CopyTo(meta);
        WriteVersionPageSizeAndFileId(meta);
        BinaryPrimitives.WriteUInt64LittleEndian(meta.AsSpan(32), id);
        BinaryPrimitives.WriteUInt64LittleEndian(meta.AsSpan(40), durableId);
        BinaryPrimitives.WriteUInt64LittleEndian(meta.AsSpan(48), pageCount);
        meta[56] = (byte)(isVerified ? 1 : 2);
        defaultRecord.CopyTo(meta, 64);
        catalogRecord.CopyTo(meta, 128);
        BinaryPrimitives.WriteUInt64LittleEndian(meta.AsSpan(216), nextTreeId);
        return meta;
    }

    private void WriteVersionPageSizeAndFileId(Span<byte> block)
    {
        BinaryPrimitives.WriteInt32LittleEndian(block[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(block[12..], PageSize);
        "0123456789abcdef"u8.CopyTo(block[16..]);
    }

    /// <summary>A list run of one page.</summary>
    private ImagePage NewListRun(ulong birth)
    {
        var page = NewPage(3, 0, null, birth);
        page.IsListRun = true;
        BinaryPrimitives.WriteInt32LittleEndian(Page(page.Number)[24..], PageSize - 32);
        return page;
    }

    private void WriteRunList(byte[] meta, Span<byte> list)
    {
        var runs = new List<(ulong First, ulong Pages)>();
        foreach (var page in _pages.Where(page => page.Birth == Id && !page.IsListRun).OrderBy(page => page.Number))
        {
            if (runs.Count > 0 && runs[^1].First + runs[^1].Pages == page.Number)
                runs[^1] = (runs[^1].First, runs[^1].Pages + (ulong)page.Length);
            else
                runs.Add((page.Number, (ulong)page.Length));
        }

        ImageRunList.Write(meta, list, (ulong)(Math.Max(16384, PageSize) / PageSize), runs);
    }
}
