namespace Engine.PropertyTests.Checking;

/// <summary>A meta as it stands in an image (docs/format.md section 3), with the slot (0 or 1) it stands in.</summary>
public sealed record MetaImage
{
    public required int Slot { get; init; }

    public required int PageSize { get; init; }

    public required ulong Id { get; init; }

    public required ulong DurableId { get; init; }

    public required ulong PageCount { get; init; }

    public required bool IsVerified { get; init; }

    public required TreeRecordImage Default { get; init; }

    public required TreeRecordImage Catalog { get; init; }

    public required ulong NewestLogPage { get; init; }

    public required uint NewestLogCrc { get; init; }

    public required uint LogPages { get; init; }

    public required ulong Digest { get; init; }

    public required ulong NextTreeId { get; init; }

    /// <summary>Whether it is of version 2.</summary>
    public required bool IsOld { get; init; }

    /// <summary>Whether its space log has entries of named snapshots.</summary>
    public bool HasNames { get; init; }

    /// <summary>The number of runs that its run list has.</summary>
    public required uint RunCount { get; init; }

    /// <summary>The bytes of the list that are in the meta: the whole list, or none of it.</summary>
    public required byte[] InlineList { get; init; }

    /// <summary>Where its list run is; zeros if it names none.</summary>
    public required (long Page, ulong Birth, uint Crc, uint Length) ListRun { get; init; }

    public required byte[] LogHead { get; init; }

    /// <summary>Pages of the list run, 0 if there is none.</summary>
    public long ListPages => ListRun.Length == 0 ? 0 : ImageLayout.RunPages(ListRun.Length, PageSize);

    public long FirstPage => ImageLayout.FirstPage(PageSize);

    /// <summary>
    /// The id in the slot if its block checksum is right, valid or not (docs/format.md section 10, step 4).
    /// </summary>
    public static ulong? IdOf(ReadOnlySpan<byte> block) => HasRightChecksum(block) ? ImageLayout.U64(block, 32) : null;

    /// <summary>Reads a block; null if it holds no valid meta.</summary>
    /// <exception cref="ImageException">The block's checksum is right but it belongs to another file.</exception>
    public static MetaImage? TryRead(ReadOnlySpan<byte> stored, int slot, SuperblockImage superblock)
    {
        ReadOnlySpan<byte> block = MetaImageMask.Fields(stored);
        if (!HasRightChecksum(stored) || !block[..8].SequenceEqual(ImageLayout.MetaMagic))
        {
            return null;
        }

        if (new UInt128(ImageLayout.U64(block, 24), ImageLayout.U64(block, 16)) != superblock.FileId)
        {
            throw new ImageException($"meta slot {slot} belongs to another file");
        }

        var commitClass = block[56];
        var isOld = superblock.Version == 2;
        if (!isOld && ImageLayout.U32(block, 60) > 1)
        {
            throw new ImageException($"the meta in slot {slot} needs a newer reader");
        }

        var runCount = isOld ? block[57] : ImageLayout.U32(block, 252);
        int inline = isOld ? 0 : ImageLayout.U16(block, 248), headBytes = ImageLayout.U16(block, 58);
        if (ImageLayout.U32(block, 8) != superblock.Version
            || ImageLayout.U32(block, 12) != superblock.PageSize
            || ImageLayout.U32(block, 60) > (isOld ? 0u : 1u)
            || commitClass is not (1 or 2)
            || runCount > (isOld ? ImageLayout.MetaOldRuns : ImageLayout.MetaRuns)
            || inline > ImageLayout.MetaInlineList
            || (commitClass == 2 && runCount != 0)
            || headBytes > ImageLayout.MetaLogHeadSize)
        {
            return null;
        }

        var meta = new MetaImage
        {
            Slot = slot,
            PageSize = superblock.PageSize,
            Id = ImageLayout.U64(block, 32),
            DurableId = ImageLayout.U64(block, 40),
            PageCount = ImageLayout.U64(block, 48),
            IsVerified = commitClass == 1,
            Default = TreeRecordImage.Read(block[64..]),
            Catalog = TreeRecordImage.Read(block[128..]),
            NewestLogPage = ImageLayout.U64(block, 192),
            NewestLogCrc = ImageLayout.U32(block, 200),
            LogPages = ImageLayout.U32(block, 204),
            Digest = ImageLayout.U64(block, 208),
            NextTreeId = ImageLayout.U64(block, 216),
            IsOld = isOld,
            HasNames = ImageLayout.U32(block, 60) == 1,
            RunCount = runCount,
            InlineList = isOld
                ? block.Slice(ImageLayout.MetaRunList, 12 * (int)runCount).ToArray()
                : block.Slice(ImageLayout.MetaRunList, inline).ToArray(),
            ListRun = isOld
                ? default
                : ((long)ImageLayout.U64(block, 224), ImageLayout.U64(block, 232), ImageLayout.U32(block, 240),
                    ImageLayout.U32(block, 244)),
            LogHead = block.Slice(ImageLayout.MetaLogHead, headBytes).ToArray(),
        };
        return meta.IsWithinLimits() ? meta : null;
    }

    /// <summary>
    /// What a writer must keep although a reader need not look at it: unused bytes are zero, ids fit.
    /// </summary>
    public void CheckStrictly(ReadOnlySpan<byte> stored)
    {
        ReadOnlySpan<byte> block = MetaImageMask.Fields(stored);
        var runs = ImageLayout.MetaRunList + InlineList.Length;
        var (zeros, end) = IsOld ? (224, ImageLayout.MetaRunList) : (250, 252);
        if (!ImageLayout.IsZero(block[zeros..end])
            || (!IsOld && block[57] != 0)
            || !ImageLayout.IsZero(block[runs..ImageLayout.MetaLogHead])
            || !ImageLayout.IsZero(block[(ImageLayout.MetaLogHead + LogHead.Length)..ImageLayout.ChecksumOffset]))
        {
            throw new ImageException($"unused bytes of the meta in slot {Slot} are not zero");
        }

        if (!IsVerified && Digest != 0)
        {
            throw new ImageException("an ordered meta has a digest");
        }

        if (DurableId > Id || (DurableId == Id && Id != 1))
        {
            throw new ImageException($"the meta {Id} names {DurableId} as durable");
        }

        if (Default.Id != 0 || Catalog.Id != 1)
        {
            throw new ImageException("the default tree's id is not 0, or the catalog's not 1");
        }

        if (NextTreeId < 2)
        {
            throw new ImageException($"the next tree id is {NextTreeId}");
        }

        if (Default.Reserved != 0 || Catalog.Reserved != 0)
        {
            throw new ImageException("reserved bytes of a tree record are not zero");
        }
    }

    private static bool HasRightChecksum(ReadOnlySpan<byte> block) =>
        ImageChecksums.XxHash64(block[..ImageLayout.ChecksumOffset])
        == ImageLayout.U64(block, ImageLayout.ChecksumOffset);

    private bool IsWithinLimits()
    {
        var first = FirstPage;
        if (Id == 0 || Id >= long.MaxValue || DurableId == 0 || DurableId > Id
            || PageCount < (ulong)first || PageCount > long.MaxValue / (ulong)PageSize)
        {
            return false;
        }

        if (!IsOld && !HasPossibleList())
        {
            return false;
        }

        var log = NewestLogPage;
        return (log == 0) == (LogPages == 0) && LogPages < PageCount
            && (log == 0 || (log >= (ulong)first && log < PageCount))
            && Default.IsWithinLimits(first, PageCount)
            && Catalog.IsWithinLimits(first, PageCount);
    }

    /// <summary>A verified meta has its list in itself or in a list run of its own; no other has one.</summary>
    private bool HasPossibleList()
    {
        var hasRun = ListRun != default;
        var isInMeta = InlineList.Length > 0;
        if (IsVerified ? hasRun != (RunCount > 0 && !isInMeta) || (RunCount == 0 && isInMeta) : isInMeta)
        {
            return false;
        }

        return !hasRun
            || (ListRun.Length is > 0 and <= ImageLayout.ListRunBytes
                && ListRun.Page >= FirstPage && (ulong)ListRun.Page < PageCount
                && (ulong)ListPages <= PageCount - (ulong)ListRun.Page
                && (IsVerified ? ListRun.Birth == Id : ListRun.Birth >= 1 && ListRun.Birth <= DurableId));
    }
}
