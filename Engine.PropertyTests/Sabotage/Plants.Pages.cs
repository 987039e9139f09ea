namespace Engine.PropertyTests.Sabotage;

/// <content>What happens within a page, and the checks of the first touch.</content>
internal static partial class Plants
{
    private const string LeafFile = "Pages/LeafEditor.cs";
    private const string VerifierFile = "Pages/PageVerifier.cs";

    private static IEnumerable<Plant> Pages =>
    [
        new(
            "ties-of-heads-cut-short",
            "Of several keys with an equal head only the first is compared.",
            4,
            Edit.Expression(
                "Pages/HeadSearch.cs",
                "EndOfLongTies(heads, start, count, target)",
                "start + 1",
                after: "? start + 1")),
        new(
            "equal-separator-goes-left",
            "A key that equals a separator is looked for in the child before it.",
            4,
            Edit.Expression(
                "Pages/BranchPage.cs",
                "Keys.Compare(key, length, cell + PageLayout.BranchCellHeader, *(ushort*)cell, shared) < 0",
                "Keys.Compare(key, length, cell + PageLayout.BranchCellHeader, *(ushort*)cell, shared) <= 0")),
        new(
            "prefix-not-lowered",
            "An insert at an end of a leaf does not shorten the common prefix.",
            4,
            Edit.Statement(LeafFile, "LowerSkip(page, k, key.Length);", "")),
        new(
            "gap-not-zeroed-after-delete",
            "What a deleted cell held stays in the gap.",
            2,
            Edit.Statement(LeafFile, "Unsafe.InitBlockUnaligned(p + offset, 0, (uint)size);", "")),
        new(
            "gap-not-zeroed-after-compaction",
            "What cells held before a leaf was compacted stays in the gap.",
            2,
            Edit.Statement(LeafFile, "Unsafe.InitBlockUnaligned(p + heapStart, 0, (uint)(top - heapStart));", "")),
        new(
            "dead-bytes-not-counted",
            "The bytes that a shorter value leaves are not counted as dead.",
            2,
            Edit.Statement(LeafFile, "page.Dead += oldSize - newSize;", "")),
        new(
            "stale-page-accepted",
            "The first touch compares a page with its own checksum instead of the one that its parent holds.",
            9,
            Edit.Expression(
                VerifierFile,
                "PageChecksum.Compute(page.Bytes(pageSize)) != crc",
                "PageChecksum.Compute(page.Bytes(pageSize)) != page.Crc"),
            Edit.Expression(VerifierFile, "page.Crc != crc || page.Number != number", "page.Number != number")),
        new(
            "misdirected-page-accepted",
            "The first touch believes a page's number and checksum.",
            9,
            Edit.Expression(
                VerifierFile,
                "PageChecksum.Compute(page.Bytes(pageSize)) != crc",
                "PageChecksum.Compute(page.Bytes(pageSize)) != page.Crc"),
            Edit.Expression(VerifierFile, "page.Crc != crc || page.Number != number", "false")),
        new(
            "page-checksum-not-computed",
            "The first touch compares the checksum in the header, but does not compute it.",
            9,
            Edit.Expression(VerifierFile, "PageChecksum.Compute(page.Bytes(pageSize)) != crc", "false")),
        new(
            "value-checksum-not-computed",
            "The checksum of an overflow run is not computed at first touch.",
            9,
            Edit.Expression(
                VerifierFile,
                "crc != reference.Crc",
                "false")),
    ];
}
