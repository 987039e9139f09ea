using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>One of the two meta slots as it is in the file (section 3); nothing is believed yet.</summary>
internal sealed class MetaSlot : IPlace
{
    private readonly byte[] _block = new byte[BlockSize];

    public MetaSlot(IPageReader reader, int index)
    {
        Index = index;
        reader.Read(BlockSize * (1 + index), _block);
        HasRightChecksum = Xxh64.Of(_block.AsSpan(0, BlockChecksumOffset)) == StoredChecksum;
        IsZero = FirstNonZero(_block) < 0;
    }

    /// <summary>0 or 1.</summary>
    public int Index { get; }

    public bool HasRightChecksum { get; }

    /// <summary>Never written: creation leaves the second slot so.</summary>
    public bool IsZero { get; }

    public ReadOnlySpan<byte> Block => _block;

    public ulong StoredChecksum => U64(_block, BlockChecksumOffset);

    public ulong Id => U64(_block, 32);

    public ulong DurableId => U64(_block, 40);

    public ulong PageCount => U64(_block, 48);

    public byte CommitClass => _block[56];

    public bool IsVerified => CommitClass == 1;

    public int RunCount => _block[57];

    public int LogHeadUsed => U16(_block, 58);

    public TreeRecord DefaultTree => new(_block.AsSpan(64, TreeRecordLength));

    public TreeRecord Catalog => new(_block.AsSpan(128, TreeRecordLength));

    public ulong NewestLogPage => U64(_block, 192);

    public uint NewestLogPageCrc => U32(_block, 200);

    public uint LogPages => U32(_block, 204);

    public ulong Digest => U64(_block, 208);

    public ulong NextTreeId => U64(_block, 216);

    public ReadOnlySpan<byte> LogHead => _block.AsSpan(LogHeadOffset, LogHeadLength);

    /// <summary>The entries in the log head, as far as there is room for them.</summary>
    public ReadOnlySpan<byte> LogHeadEntries => LogHead[..Math.Min(LogHeadUsed, LogHeadLength)];

    public (ulong First, uint Pages) Run(int index) => (U64(_block, 256 + 12 * index), U32(_block, 264 + 12 * index));

    public string Describe() => $"meta slot {Index}";
}
