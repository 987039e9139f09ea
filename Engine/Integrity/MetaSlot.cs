using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>One of the two meta slots as it is in the file (section 3); nothing is believed yet.</summary>
internal sealed class MetaSlot : IPlace
{
    private const int ListRunOffset = 224;
    private const int RunCountOffset = 252;

    private readonly byte[] _stored = new byte[BlockSize];
    private readonly byte[] _block;

    public MetaSlot(IPageReader reader, int index)
    {
        Index = index;
        reader.Read(BlockSize * (1 + index), _stored);
        HasRightChecksum = Xxh64.Of(_stored.AsSpan(0, BlockChecksumOffset)) == StoredChecksum;
        IsZero = FirstNonZero(_stored) < 0;
        _block = [.. _stored];
        if (U32(_stored, 8) == FileFormat.Version)
            BlockMask.Remove(_block);
    }

    /// <summary>0 or 1.</summary>
    public int Index { get; }

    public bool HasRightChecksum { get; }

    /// <summary>Never written: creation leaves the second slot so.</summary>
    public bool IsZero { get; }

    /// <summary>The bytes as they are in the file, which the checksum is of.</summary>
    public ReadOnlySpan<byte> Stored => _stored;

    /// <summary>The fields: what is stored, without its mask.</summary>
    public ReadOnlySpan<byte> Block => _block;

    /// <summary>Whether it says that it is of version 2, which has another run list and no mask.</summary>
    public bool IsOld => U32(_block, 8) == OldVersion;

    /// <summary>The required features that are not known; version 2 has none.</summary>
    public uint UnknownFeatures => U32(_block, 60) & ~(IsOld ? 0 : SnapshotFeature);

    /// <summary>
    /// Whether the space log may have entries of named snapshots, and the tree of their names means something.
    /// </summary>
    public bool HasNames => !IsOld && (U32(_block, 60) & SnapshotFeature) != 0;

    public ulong StoredChecksum => U64(_stored, BlockChecksumOffset);

    public ulong Id => U64(_block, 32);

    public ulong DurableId => U64(_block, 40);

    public ulong PageCount => U64(_block, 48);

    public byte CommitClass => _block[56];

    public bool IsVerified => CommitClass == 1;

    public uint RunCount => IsOld ? _block[57] : U32(_block, RunCountOffset);

    /// <summary>Bytes of the run list that the meta itself holds.</summary>
    public int InlineListUsed => U16(_block, 248);

    public ReadOnlySpan<byte> InlineList =>
        _block.AsSpan(InlineListOffset, Math.Min(InlineListUsed, InlineListLength));

    /// <summary>Whether the meta names a list run.</summary>
    public bool HasListRun => !IsOld && FirstNonZero(ListRunReference) >= 0;

    public ReadOnlySpan<byte> ListRunReference => _block.AsSpan(ListRunOffset, OverflowReferenceLength);

    public ulong ListRunPage => U64(_block, ListRunOffset);

    public ulong ListRunBirth => U64(_block, ListRunOffset + 8);

    public uint ListRunCrc => U32(_block, ListRunOffset + 16);

    public uint ListRunLength => U32(_block, ListRunOffset + 20);

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

    public string Describe() => $"meta slot {Index}";
}
