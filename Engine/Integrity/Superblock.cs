using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>The superblock (section 2). Without a right one nothing else in the file can be interpreted.</summary>
internal sealed class Superblock
{
    private readonly byte[] _block = new byte[BlockSize];

    private Superblock()
    {
    }

    public int PageSize { get; private set; }

    public uint Version => U32(_block, 8);

    /// <summary>Whether the rules of version 2 hold, where they are others.</summary>
    public bool IsOld => Version == FileFormat.OldVersion;

    public ReadOnlySpan<byte> FileId => _block.AsSpan(16, 16);

    /// <summary>Reads and checks block 0; null if the file ends here for the check.</summary>
    public static Superblock? Read(IPageReader reader, long fileLength, ProblemList problems)
    {
        if (fileLength < ReservedLength)
        {
            problems.Add(
                IntegrityRules.FileLength, FixedPlace.File, null, $"at least {ReservedLength} bytes", $"{fileLength}");
            return null;
        }

        var superblock = new Superblock();
        reader.Read(0, superblock._block);
        return superblock.Check(problems) ? superblock : null;
    }

    /// <summary>Block 3 is reserved and zero. No page covers it, so nothing else would notice.</summary>
    public static void CheckReservedBlock(IPageReader reader, ProblemList problems)
    {
        Span<byte> block = new byte[BlockSize];
        reader.Read(3 * BlockSize, block);
        if (FirstNonZero(block) is var at and >= 0)
            problems.Add(
                IntegrityRules.ReservedBlock,
                FixedPlace.File,
                null,
                "zeros in block 3",
                $"{block[at]} at its byte {at}");
    }

    private bool Check(ProblemList problems)
    {
        ReadOnlySpan<byte> block = _block;
        if (!block[..8].SequenceEqual(SuperblockMagic))
            return Fail(IntegrityRules.SuperblockMagic, Words.Of(SuperblockMagic), Words.Of(block[..8]));

        var checksum = Xxh64.Of(block[..BlockChecksumOffset]);
        if (U64(block, BlockChecksumOffset) != checksum)
            return Fail(
                IntegrityRules.SuperblockChecksum, Words.Hex(checksum), Words.Hex(U64(block, BlockChecksumOffset)));
        if (U32(block, 8) is not (FileFormat.OldVersion or FileFormat.Version))
        {
            return Fail(
                IntegrityRules.SuperblockVersion,
                $"{FileFormat.OldVersion} or {FileFormat.Version}",
                $"{U32(block, 8)}");
        }

        var pageSize = U32(block, 12);
        if (pageSize is < MinimumPageSize or > MaximumPageSize || (pageSize & (pageSize - 1)) != 0)
            return Fail(IntegrityRules.SuperblockPageSize, "a power of two from 256 to 65536", $"{pageSize}");
        if (U32(block, 32) != 0)
            return Fail(
                IntegrityRules.SuperblockFeatures, "no required feature that is unknown", Words.Hex(U32(block, 32)));

        PageSize = (int)pageSize;
        if (FirstNonZero(block[36..BlockChecksumOffset]) is var at and >= 0)
            _ = Fail(IntegrityRules.SuperblockZeros, "zeros from byte 36 on", $"{block[36 + at]} at byte {36 + at}");
        return true;

        bool Fail(string rule, string expected, string found)
        {
            problems.Add(rule, FixedPlace.Superblock, null, expected, found);
            return false;
        }
    }
}
