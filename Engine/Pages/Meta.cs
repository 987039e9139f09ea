using System.Buffers.Binary;

namespace Engine.Pages;

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
    /// <summary>Runs that a list of version 2 has at most.</summary>
    private const int OldMaxRuns = 80;

    /// <summary>Ids above are impossible.</summary>
    public const ulong MaxId = (ulong.MaxValue / 2) - 1;
    public const int LogHeadCapacity = 2808;
    private const int ListRunOffset = 224;
    private const int InlineLengthOffset = 248;
    private const int RunCountOffset = 252;
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

    /// <summary>The number of runs of the run list, which only a verified meta has.</summary>
    public int RunCount { get; init; }

    /// <summary>The run list, if the meta itself holds it.</summary>
    public ReadOnlyMemory<byte> InlineRuns { get; init; }

    /// <summary>
    /// The overflow run that holds the run list, or held it: it belongs to the state until the next commit frees it.
    /// </summary>
    public OverflowReference ListRun { get; init; }

    public ReadOnlyMemory<byte> LogHead { get; init; }

    /// <summary>
    /// Whether there are named snapshots, or have been since the log was condensed; without it none of the state's
    /// names means anything.
    /// </summary>
    public bool HasNames { get; init; }

    /// <summary>The required feature of files whose space log has entries of named snapshots.</summary>
    private const uint NamesFeature = 1;

    private static ReadOnlySpan<byte> Magic => "ENGNMETA"u8;

    /// <summary>The same meta with a log head of its own, for a commit whose meta is written later.</summary>
    public Meta KeepLogHead() =>
        this with { LogHead = LogHead.ToArray(), RunCount = 0, InlineRuns = default, Digest = 0 };

    /// <summary>
    /// An ordered meta of the same state under another id. All of the state, log pages included, is in the file
    /// already, and must be durable before this is written: nobody will verify it. The pages of the list run stay part
    /// of the state, though nobody reads them any more.
    /// </summary>
    /// <param name="id">Its id, above every other one.</param>
    /// <param name="durableId">The newest durable id.</param>
    public Meta Reissue(ulong id, ulong durableId) =>
        this with
        {
            Id = id,
            DurableId = durableId,
            Class = CommitClass.Ordered,
            RunCount = 0,
            InlineRuns = default,
            Digest = 0,
        };

    /// <summary>
    /// Whether this is the second meta of the same state, as an orderly close writes it: ordered, under the next id,
    /// and equal in all that describes the state. While both are there the database is <em>settled</em>: nothing that
    /// decays later can be taken for a crash.
    /// </summary>
    public bool IsTwinOf(Meta other) =>
        Class == CommitClass.Ordered && DurableId == other.Id && Id == other.Id + 1
        && PageCount == other.PageCount && Main == other.Main
        && Catalog == other.Catalog && HasNames == other.HasNames && NextTreeId == other.NextTreeId
        && ListRun == other.ListRun
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
        BinaryPrimitives.WriteUInt16LittleEndian(block[58..], (ushort)LogHead.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(block[60..], HasNames ? NamesFeature : 0);
        Main.Write(block[64..]);
        Catalog.Write(block[128..]);
        BinaryPrimitives.WriteUInt64LittleEndian(block[192..], LogPage);
        BinaryPrimitives.WriteUInt32LittleEndian(block[200..], LogPageCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(block[204..], LogPages);
        BinaryPrimitives.WriteUInt64LittleEndian(block[208..], Digest);
        BinaryPrimitives.WriteUInt64LittleEndian(block[216..], NextTreeId);
        if (ListRun.Page != 0)
        {
            ListRun.Write(block[ListRunOffset..]);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(block[InlineLengthOffset..], (ushort)InlineRuns.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(block[RunCountOffset..], (uint)RunCount);
        InlineRuns.Span.CopyTo(block[RunsOffset..]);
        LogHead.Span.CopyTo(block[LogHeadOffset..]);
        MetaMask.Apply(block);
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

    /// <summary>
    /// The required features in a block whose checksum is right that this engine does not know.
    /// </summary>
    public static uint PeekUnknownFeatures(ReadOnlySpan<byte> block) => PeekFeatures(block) & ~NamesFeature;

    /// <summary>Reads a block whose checksum is right; null when its fields are impossible.</summary>
    public static Meta? TryRead(ReadOnlySpan<byte> stored, Superblock superblock)
    {
        var firstPage = PageLayout.FirstPage(superblock.PageSize);
        var isOld = superblock.Version < PageLayout.FormatVersion;
        Span<byte> block = stackalloc byte[PageLayout.BlockSize];
        stored.CopyTo(block);
        if (!isOld)
        {
            MetaMask.Apply(block);
        }

        var headLength = BinaryPrimitives.ReadUInt16LittleEndian(block[58..]);
        var inlineLength = isOld ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(block[InlineLengthOffset..]);
        var runCount = isOld ? block[57] : BinaryPrimitives.ReadUInt32LittleEndian(block[RunCountOffset..]);
        var runs = block.Slice(RunsOffset, RunList.InlineCapacity);
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
            RunCount = (int)Math.Min(runCount, RunList.MaxRuns),
            InlineRuns = isOld
                ? RunList.FromVersion2(runs, (int)Math.Min(runCount, OldMaxRuns), firstPage)
                : runs[..Math.Min(inlineLength, RunList.InlineCapacity)].ToArray(),
            ListRun = isOld ? default : OverflowReference.Read(block[ListRunOffset..]),
            HasNames = (PeekFeatures(block) & NamesFeature) != 0,
            LogHead = block.Slice(LogHeadOffset, Math.Min((int)headLength, LogHeadCapacity)).ToArray(),
        };

        var isPossible = BinaryPrimitives.ReadUInt32LittleEndian(block[8..]) == (uint)superblock.Version
            && BinaryPrimitives.ReadUInt32LittleEndian(block[12..]) == (uint)superblock.PageSize
            && PeekFileId(block) == superblock.FileId
            && (isOld ? PeekFeatures(block) : PeekUnknownFeatures(block)) == 0
            && meta.Id >= 1 && meta.Id <= MaxId
            && meta.DurableId >= 1 && meta.DurableId <= meta.Id
            && meta.PageCount >= firstPage && meta.PageCount <= (ulong)(long.MaxValue / superblock.PageSize)
            && meta.Class is CommitClass.Verified or CommitClass.Ordered
            && (isOld
                ? runCount <= OldMaxRuns && (runCount == 0 || meta.Class == CommitClass.Verified)
                : runCount <= RunList.MaxRuns && inlineLength <= RunList.InlineCapacity
                    && meta.HasPossibleList(superblock.PageSize))
            && headLength <= LogHeadCapacity
            && meta.Main.IsPlausible(firstPage, meta.PageCount)
            && meta.Catalog.IsPlausible(firstPage, meta.PageCount)
            && (meta.LogPage == 0) == (meta.LogPages == 0)
            && (meta.LogPage == 0 || (meta.LogPage >= firstPage && meta.LogPage < meta.PageCount))
            && meta.LogPages < meta.PageCount;
        return isPossible ? meta : null;
    }

    private static uint PeekFeatures(ReadOnlySpan<byte> block) => BinaryPrimitives.ReadUInt32LittleEndian(block[60..]);

    /// <summary>
    /// Whether what the meta says of its run list holds together: an ordered meta has none, a verified one has it in
    /// the meta, or in a list run of its own, or an empty one; and a list run lies within the pages of the file.
    /// </summary>
    private bool HasPossibleList(int pageSize)
    {
        var isInRun = RunCount > 0 && InlineRuns.IsEmpty;
        if (Class == CommitClass.Ordered
            ? RunCount != 0 || !InlineRuns.IsEmpty
            : isInRun != (ListRun != default) || (RunCount == 0 && !InlineRuns.IsEmpty))
        {
            return false;
        }

        return ListRun == default
            || (ListRun.Page >= PageLayout.FirstPage(pageSize) && ListRun.Page < PageCount
                && ListRun.Length is >= 1 and <= RunList.MaxBytes
                && PageLayout.OverflowPages(ListRun.Length, pageSize) <= PageCount - ListRun.Page
                && (Class == CommitClass.Verified
                    ? ListRun.Birth == Id
                    : ListRun.Birth >= 1 && ListRun.Birth <= DurableId));
    }
}
