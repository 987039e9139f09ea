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
        AddChecksum(list);
        return list;
    }

    public static RegionList OfMeta(byte[] block, Presentation show)
    {
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
        list.Byte(57, "runs");
        list.Short(58, "log head", show.Size(U16(block, 58)));
        list.Word(60, "required features");
        list.TreeRecord(64, "default tree");
        list.TreeRecord(128, "catalog");
        list.Long(192, "newest log page");
        list.Crc(200, "its crc");
        list.Word(204, "log pages");
        list.Long(208, "digest", Words.Hex(U64(block, 208)));
        list.Long(216, "next tree id");
        list.Zeros(224, 256);
        int runs = Math.Min((int)block[57], MaximumRuns);
        for (int i = 0; i < runs; i++)
        {
            int at = 256 + 12 * i;
            list.Add(at, 12, $"run {i}", $"{U32(block, at + 8)} pages from {U64(block, at)}");
        }

        list.Zeros(256 + 12 * runs, LogHeadOffset, "unused runs");
        int used = Math.Min((int)U16(block, 58), LogHeadLength);
        LogRegions.Add(list, LogHeadOffset, used);
        list.Zeros(LogHeadOffset + used, BlockChecksumOffset, "unused log head");
        AddChecksum(list);
        return list;
    }

    private static void AddChecksum(RegionList list)
    {
        ulong stored = U64(list.Bytes, BlockChecksumOffset);
        ulong computed = Xxh64.Of(list.Bytes.AsSpan(0, BlockChecksumOffset));
        list.Long(
            BlockChecksumOffset,
            "checksum",
            $"{Words.Hex(stored)}, {(stored == computed ? "right" : $"WRONG: computed {Words.Hex(computed)}")}");
    }
}
