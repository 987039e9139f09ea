using System.Buffers.Binary;

namespace Engine.Pages;

/// <summary>A run list entry of a verified commit.</summary>
internal readonly record struct PageRun(ulong Start, uint Length);

/// <summary>The class of the commit that wrote a meta.</summary>
internal enum CommitClass : byte
{
    /// <summary>Pages and meta were written before one flush; recovery verifies the listed pages.</summary>
    Verified = 1,

    /// <summary>The pages were flushed before the meta was written; nothing to verify.</summary>
    Ordered = 2,
}

/// <summary>One meta (docs/format.md section 3): everything that a snapshot is.</summary>
internal sealed record Meta
{
    public const int MaxRuns = 80;

    /// <summary>Ids above are impossible.</summary>
    public const ulong MaxId = (ulong.MaxValue / 2) - 1;
    public const int LogHeadCapacity = 2808;
    private const int RunsOffset = 256;
    private const int LogHeadOffset = 1280;
    private const int ChecksumOffset = PageLayout.BlockSize - 8;

    public required ulong Id { get; init; }

    public required ulong DurableId { get; init; }

    public required ulong PageCount { get; init; }

    public required CommitClass Class { get; init; }

    public required TreeRecord Main { get; init; }

    public required TreeRecord Catalog { get; init; }

    public required ulong NextTreeId { get; init; }

    public ulong LogPage { get; init; }

    public uint LogPageCrc { get; init; }

    public uint LogPages { get; init; }

    public ulong Digest { get; init; }

    public IReadOnlyList<PageRun> Runs { get; init; } = [];

    public ReadOnlyMemory<byte> LogHead { get; init; }

    private static ReadOnlySpan<byte> Magic => "ENGNMETA"u8;

    /// <summary>The same meta with a log head of its own, for a commit whose meta is written later.</summary>
    public Meta KeepLogHead() => this with { LogHead = LogHead.ToArray(), Runs = [], Digest = 0 };

    /// <summary>
    /// An ordered meta of the same state under another id. All of the state, log pages included, is in the file
    /// already, and must be durable before this is written: nobody will verify it.
    /// </summary>
    /// <param name="id">Its id, above every other one.</param>
    /// <param name="durableId">The newest durable id.</param>
    public Meta Reissue(ulong id, ulong durableId) =>
        this with { Id = id, DurableId = durableId, Class = CommitClass.Ordered, Runs = [], Digest = 0 };

    /// <summary>
    /// Whether this is the second meta of the same state, as an orderly close writes it: ordered, under the next id,
    /// and equal in all that describes the state. While both are there the database is <em>settled</em>: nothing that
    /// decays later can be taken for a crash.
    /// </summary>
    public bool IsTwinOf(Meta other) =>
        Class == CommitClass.Ordered && DurableId == other.Id && Id == other.Id + 1
        && PageCount == other.PageCount && Main == other.Main
        && Catalog == other.Catalog && NextTreeId == other.NextTreeId
        && LogPage == other.LogPage && LogPageCrc == other.LogPageCrc && LogPages == other.LogPages
        && LogHead.Span.SequenceEqual(other.LogHead.Span);

    public static long SlotOffset(int slot) => (1 + slot) * (long)PageLayout.BlockSize;

    /// <summary>The meta of a new database: empty, ordered, durable by itself.</summary>
    public static Meta Initial(int pageSize) => new()
    {
        Id = 1,
        DurableId = 1,
        PageCount = PageLayout.FirstPage(pageSize),
        Class = CommitClass.Ordered,
        Main = default,
        Catalog = new TreeRecord { TreeId = 1 },
        NextTreeId = 2,
    };

    public void Write(Span<byte> block, Superblock superblock)
    {
        block.Clear();
        Magic.CopyTo(block);
        BinaryPrimitives.WriteUInt32LittleEndian(block[8..], PageLayout.FormatVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(block[12..], (uint)superblock.PageSize);
        superblock.FileId.TryWriteBytes(block[16..]);
        BinaryPrimitives.WriteUInt64LittleEndian(block[32..], Id);
        BinaryPrimitives.WriteUInt64LittleEndian(block[40..], DurableId);
        BinaryPrimitives.WriteUInt64LittleEndian(block[48..], PageCount);
        block[56] = (byte)Class;
        block[57] = (byte)Runs.Count;
        BinaryPrimitives.WriteUInt16LittleEndian(block[58..], (ushort)LogHead.Length);
        Main.Write(block[64..]);
        Catalog.Write(block[128..]);
        BinaryPrimitives.WriteUInt64LittleEndian(block[192..], LogPage);
        BinaryPrimitives.WriteUInt32LittleEndian(block[200..], LogPageCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(block[204..], LogPages);
        BinaryPrimitives.WriteUInt64LittleEndian(block[208..], Digest);
        BinaryPrimitives.WriteUInt64LittleEndian(block[216..], NextTreeId);
        for (var i = 0; i < Runs.Count; i++)
        {
            var entry = block[(RunsOffset + (i * 12))..];
            BinaryPrimitives.WriteUInt64LittleEndian(entry, Runs[i].Start);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], Runs[i].Length);
        }

        LogHead.Span.CopyTo(block[LogHeadOffset..]);
        BinaryPrimitives.WriteUInt64LittleEndian(block[ChecksumOffset..], XxHash64.Hash(block[..ChecksumOffset]));
    }

    /// <summary>Whether the block's checksum is right; nothing else of it can be believed before.</summary>
    public static bool HasRightChecksum(ReadOnlySpan<byte> block) =>
        block.StartsWith(Magic)
        && BinaryPrimitives.ReadUInt64LittleEndian(block[ChecksumOffset..]) == XxHash64.Hash(block[..ChecksumOffset]);

    /// <summary>The id in a block whose checksum is right.</summary>
    public static ulong PeekId(ReadOnlySpan<byte> block) => BinaryPrimitives.ReadUInt64LittleEndian(block[32..]);

    /// <summary>The file id in a block whose checksum is right.</summary>
    public static Guid PeekFileId(ReadOnlySpan<byte> block) => new(block.Slice(16, 16));

    /// <summary>Reads a block whose checksum is right; null when its fields are impossible.</summary>
    public static Meta? TryRead(ReadOnlySpan<byte> block, Superblock superblock)
    {
        var firstPage = PageLayout.FirstPage(superblock.PageSize);
        var runCount = block[57];
        var headLength = BinaryPrimitives.ReadUInt16LittleEndian(block[58..]);
        var meta = new Meta
        {
            Id = BinaryPrimitives.ReadUInt64LittleEndian(block[32..]),
            DurableId = BinaryPrimitives.ReadUInt64LittleEndian(block[40..]),
            PageCount = BinaryPrimitives.ReadUInt64LittleEndian(block[48..]),
            Class = (CommitClass)block[56],
            Main = TreeRecord.Read(block[64..]),
            Catalog = TreeRecord.Read(block[128..]),
            LogPage = BinaryPrimitives.ReadUInt64LittleEndian(block[192..]),
            LogPageCrc = BinaryPrimitives.ReadUInt32LittleEndian(block[200..]),
            LogPages = BinaryPrimitives.ReadUInt32LittleEndian(block[204..]),
            Digest = BinaryPrimitives.ReadUInt64LittleEndian(block[208..]),
            NextTreeId = BinaryPrimitives.ReadUInt64LittleEndian(block[216..]),
            Runs = ReadRuns(block, Math.Min(runCount, (byte)MaxRuns)),
            LogHead = block.Slice(LogHeadOffset, Math.Min((int)headLength, LogHeadCapacity)).ToArray(),
        };

        var isPossible = BinaryPrimitives.ReadUInt32LittleEndian(block[8..]) == PageLayout.FormatVersion
            && BinaryPrimitives.ReadUInt32LittleEndian(block[12..]) == (uint)superblock.PageSize
            && PeekFileId(block) == superblock.FileId
            && BinaryPrimitives.ReadUInt32LittleEndian(block[60..]) == 0
            && meta.Id >= 1 && meta.Id <= MaxId
            && meta.DurableId >= 1 && meta.DurableId <= meta.Id
            && meta.PageCount >= firstPage && meta.PageCount <= (ulong)(long.MaxValue / superblock.PageSize)
            && meta.Class is CommitClass.Verified or CommitClass.Ordered
            && runCount <= MaxRuns && (runCount == 0 || meta.Class == CommitClass.Verified)
            && headLength <= LogHeadCapacity
            && meta.Main.IsPlausible(firstPage, meta.PageCount)
            && meta.Catalog.IsPlausible(firstPage, meta.PageCount)
            && (meta.LogPage == 0) == (meta.LogPages == 0)
            && (meta.LogPage == 0 || (meta.LogPage >= firstPage && meta.LogPage < meta.PageCount))
            && meta.LogPages < meta.PageCount;
        return isPossible ? meta : null;
    }

    private static PageRun[] ReadRuns(ReadOnlySpan<byte> block, int count)
    {
        var runs = new PageRun[count];
        for (var i = 0; i < count; i++)
        {
            var entry = block[(RunsOffset + (i * 12))..];
            runs[i] = new PageRun(
                BinaryPrimitives.ReadUInt64LittleEndian(entry), BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]));
        }

        return runs;
    }

    /// <summary>
    /// Whether the run list is ascending, without overlap, and within the pages. If it is not, the commit's pages do
    /// not match.
    /// </summary>
    public bool HasPossibleRuns(ulong firstPage)
    {
        var next = firstPage;
        foreach (var run in Runs)
        {
            if (run.Start < next || run.Start >= PageCount || run.Length == 0 || run.Length > PageCount - run.Start)
            {
                return false;
            }

            next = run.Start + run.Length;
        }

        return true;
    }
}
