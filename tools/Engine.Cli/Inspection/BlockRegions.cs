using Engine.Cli.Shared;
using Engine.Integrity;
using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Inspection;

/// <summary>The fields of the superblock and of the metas (docs/format.md, sections 2 and 3).</summary>
internal static class BlockRegions
{
    public static RegionList OfSuperblock(byte[] block)
    {
        var list = new RegionList(block);
        list.Long(0, "magic", Words.Of(block.AsSpan(0, 8)));
        list.Word(8, "format version");
        list.Word(12, "page size");
        list.Add(16, 16, "file id", Convert.ToHexStringLower(block.AsSpan(16, 16)));
        list.Word(32, "required features");
        list.Zeros(36, BlockChecksumOffset);
        AddChecksum(list, block);
        return list;
    }

    /// <summary>The fields of a meta; those of version 3 are shown without the mask over them.</summary>
    public static RegionList OfMeta(byte[] stored, Presentation show)
    {
        bool isOld = U32(stored, 8) == OldVersion;
        byte[] block = [.. stored];
        if (U32(stored, 8) == FileFormat.Version)
            BlockMask.Remove(block);
        var list = new RegionList(block);
        list.Long(0, "magic", Words.Of(block.AsSpan(0, 8)));
        list.Word(8, "format version");
        list.Word(12, "page size");
        list.Add(16, 16, "file id", Convert.ToHexStringLower(block.AsSpan(16, 16)));
        list.Long(32, "id", $"transaction {U64(block, 32)}");
        list.Long(40, "durable id", $"transaction {U64(block, 40)}");
        list.Long(48, "page count");
        list.Byte(
            56,
            "commit class",
            block[56] switch { 1 => "1, verified", 2 => "2, ordered", var other => $"{other}, unknown" });
        if (isOld)
            list.Byte(57, "runs");
        else
            list.Zeros(57, 58);
        list.Short(58, "log head", show.Size(U16(block, 58)));
        list.Word(60, "required features");
        list.TreeRecord(64, "default tree");
        list.TreeRecord(128, "catalog");
        list.Long(192, "newest log page");
        list.Crc(200, "its crc");
        list.Word(204, "log pages");
        list.Long(208, "digest", Words.Hex(U64(block, 208)));
        list.Long(216, "next tree id");
        if (isOld)
            AddOldRunList(list);
        else
            AddRunList(list);
        int used = Math.Min((int)U16(block, 58), LogHeadLength);
        LogRegions.Add(list, LogHeadOffset, used);
        list.Zeros(LogHeadOffset + used, BlockChecksumOffset, "unused log head");
        AddChecksum(list, stored);
        return list;
    }

    private static void AddOldRunList(RegionList list)
    {
        list.Zeros(224, InlineListOffset);
        int runs = Math.Min((int)list.Bytes[57], OldMaximumRuns);
        for (int i = 0; i < runs; i++)
        {
            int at = InlineListOffset + 12 * i;
            list.Add(at, 12, $"run {i}", $"{U32(list.Bytes, at + 8)} pages from {U64(list.Bytes, at)}");
        }

        list.Zeros(InlineListOffset + 12 * runs, LogHeadOffset, "unused runs");
    }

    private static void AddRunList(RegionList list)
    {
        list.Long(224, "list run: page", U64(list.Bytes, 224) == 0 ? "0, none" : $"page {U64(list.Bytes, 224)}");
        list.Long(232, "list run: birth");
        list.Crc(240, "list run: crc");
        list.Word(244, "list run: bytes");
        list.Short(248, "inline run list", $"{U16(list.Bytes, 248)} bytes");
        list.Zeros(250, 252);
        list.Word(252, "runs");
        int used = Math.Min((int)U16(list.Bytes, 248), InlineListLength);
        if (used > 0)
            list.Add(InlineListOffset, used, "run list", $"{used} bytes");
        list.Zeros(InlineListOffset + used, LogHeadOffset, "unused run list");
    }

    private static void AddChecksum(RegionList list, byte[] block)
    {
        ulong stored = U64(block, BlockChecksumOffset);
        ulong computed = Xxh64.Of(block.AsSpan(0, BlockChecksumOffset));
        list.Long(
            BlockChecksumOffset,
            "checksum",
            $"{Words.Hex(stored)}, {(stored == computed ? "right" : $"WRONG: computed {Words.Hex(computed)}")}");
    }
}
