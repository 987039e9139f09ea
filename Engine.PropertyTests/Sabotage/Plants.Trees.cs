namespace Engine.PropertyTests.Sabotage;

/// <content>Splits, merges, ranges, counts, cursors.</content>
internal static partial class Plants
{
    private const string SplitFile = "Trees/TreeEditor.Split.cs";
    private const string ShiftFile = "Trees/TreeEditor.Shift.cs";
    private const string CellsFile = "Trees/LeafCells.cs";
    private const string EditorFile = "Pages/LeafEditor.cs";
    private const string DeleteFile = "Trees/TreeEditor.Delete.cs";
    private const string TreeFile = "Trees/TreeEditor.cs";
    private const string RangeFile = "Trees/TreeEditor.Range.cs";
    private const string CursorFile = "Trees/TreeCursor.cs";

    private static IEnumerable<Plant> Trees =>
    [
        new(
            "split-drops-an-entry",
            "A leaf split loses the first entry of the right page.",
            1,
            Edit.Expression(
                SplitFile,
                "count + 1 - leftCount",
                "goesLeft && count > leftCount ? count - leftCount : count + 1 - leftCount",
                after: "var right = new LeafBuilder(rightPage, _pageSize, 1);"),
            Edit.Statement(
                SplitFile,
                "right.Add(leaf, leftCount - 1, count);",
                "right.Add(leaf, count > leftCount ? leftCount : leftCount - 1, count);")),
        new(
            "split-keeps-an-entry-twice",
            "A leaf split leaves the first entry of the right page in the left one, too.",
            1,
            Edit.Expression(
                SplitFile,
                "leftCount",
                "goesLeft ? leftCount + 1 : leftCount",
                after: "var left = new LeafBuilder(_dirty.Scratch, _pageSize, "),
            Edit.Statement(SplitFile, "left.Add(leaf, index, leftCount - 1);", "left.Add(leaf, index, leftCount);")),
        new(
            "separator-too-low",
            "The separator of a leaf split is the last key of the left page.",
            1,
            Edit.Expression(
                SplitFile,
                "Keys.Separator(new LeafPage(page).Key(leftCount - 1), new LeafPage(rightPage).Key(0))",
                "new LeafPage(page).Key(leftCount - 1)")),
        new(
            "branch-split-promotes-the-wrong-separator",
            "A branch split sends the new separator up, whichever child is the first to move.",
            1,
            Edit.Expression(
                SplitFile,
                "leftCount == index ? separator : branch.Separator(leftCount < index ? leftCount : leftCount - 1)",
                "separator")),
        new(
            "sharing-takes-the-wrong-separator",
            "When two leaves share their entries, the separator is the last key of the left one.",
            1,
            Edit.Expression(
                ShiftFile,
                "Keys.Separator(cells.Key(leftCount - 1), cells.Key(leftCount))",
                "cells.Key(leftCount - 1)")),
        new(
            "sharing-drops-an-entry",
            "When two leaves share their entries, the first one of the right leaf is lost.",
            1,
            Edit.Expression(
                ShiftFile,
                "leftCount",
                "Math.Min(leftCount + 1, cells.Count - 1)",
                after: "isLeft ? newPage : _dirty.Scratch, ")),
        new(
            "shared-neighbour-not-freed",
            "The page of a neighbour that took entries is not given free.",
            2,
            Edit.Expression(
                ShiftFile, "Replace(otherReference, otherPage, out newPage)", "_dirty.Add(1, out newPage)")),
        new(
            "shared-cells-out-of-order",
            "When two leaves share their entries, the new one is placed one entry too far on.",
            1,
            Edit.Expression(CellsFile, "index > newAt", "index >= newAt && index > 1")),
        new(
            "append-ignores-the-order",
            "A key that is below the tree's last one is set behind it.",
            1,
            Edit.Expression(EditorFile, "k[shared] < lastKey[shared]", "k[shared] < lastKey[shared] && shared == 0")),
        new(
            "append-keeps-the-skip",
            "A key that is set behind the last one does not lower the page's common prefix.",
            1,
            Edit.Expression(EditorFile, "shared < page.Skip", "shared < 0", after: "return AppendResult.NoRoom;")),
        new(
            "merge-loses-an-entry",
            "Merging two leaves loses the first entry of the right one.",
            1,
            Edit.Expression(
                DeleteFile,
                "leftPage.Count + rightPage.Count",
                "leftPage.Count + rightPage.Count - 1",
                after: "new LeafBuilder(_dirty.Scratch, _pageSize, "),
            Edit.Statement(
                DeleteFile,
                "merged.Add(new LeafPage(rightPage), 0, rightPage.Count);",
                "merged.Add(new LeafPage(rightPage), 1, rightPage.Count);")),
        new(
            "merge-takes-the-wrong-separator",
            "Merging two branches gives the first child of the right one an empty separator.",
            1,
            Edit.Statement(
                DeleteFile,
                "merged.Add(separator, right.Child(0), right.ChildCrc(0), below);",
                "merged.Add(default, right.Child(0), right.ChildCrc(0), below);")),
        new(
            "merged-page-not-freed",
            "The page that was merged into its neighbour is not given free.",
            2,
            Edit.Statement(DeleteFile, "ReleasePage(otherReference, otherPage, level);", "")),
        new(
            "copied-page-not-freed",
            "The page that was copied on write is not given free.",
            2,
            Edit.Statement(TreeFile, "_space.Free(reference, 1, clean.Birth);", "")),
        new(
            "copied-page-freed-with-the-wrong-birth",
            "A page that was copied on write is given free as if it were one transaction younger.",
            3,
            Edit.Statement(
                TreeFile, "_space.Free(reference, 1, clean.Birth);", "_space.Free(reference, 1, clean.Birth + 1);")),
        new(
            "overflow-run-freed-too-short",
            "Of a value's pages the last one is not given free.",
            2,
            Edit.Expression(TreeFile, "pages", "Math.Max(1, pages - 1)", after: "_space.Free(value.Page, ")),
        new(
            "replaced-value-not-freed",
            "The pages of a value that is overwritten are not given free.",
            2,
            Edit.Statement("Trees/TreeEditor.Insert.cs", "ReleaseOverflow(leaf.Overflow(index));", "")),
        new(
            "count-not-lowered",
            "Deleting does not lower the number of entries.",
            2,
            Edit.Statement(DeleteFile, "_record.Entries--;", "")),
        new(
            "overflow-pages-not-counted",
            "The tree's record does not count the pages of new values.",
            2,
            Edit.Statement("Trees/TreeEditor.Insert.cs", "_record.OverflowPages += pages;", "")),
        new(
            "root-checksum-stale",
            "When a root branch gives way to its only child, the record keeps the old checksum.",
            1,
            Edit.Statement(DeleteFile, "_record.RootCrc = branch.ChildCrc(0);", "")),
        new(
            "range-deletes-its-end",
            "Deleting a range deletes the key at its end, too.",
            1,
            Edit.Expression(
                RangeFile,
                "hasTo ? leaf.LowerBound(to, out _) : leaf.Count",
                "hasTo ? Math.Min(leaf.Count, leaf.LowerBound(to, out var same) + (same ? 1 : 0)) : leaf.Count")),
        new(
            "range-skips-a-subtree",
            "Deleting a range keeps the last of the subtrees that lie inside.",
            1,
            Edit.Expression(RangeFile, "i < last", "i < last - 1", after: "for (var i = first + 1; ")),
        new(
            "truncation-forgets-values",
            "Giving a subtree free forgets the values outside of its leaves.",
            2,
            Edit.Statement(RangeFile, "ReleaseOverflow(leaf.Overflow(i));", "", after: "entries = (ulong)count;")),
        new(
            "cursor-skips-the-last-entry",
            "Moving forward leaves a leaf before its last entry.",
            4,
            Edit.Expression(CursorFile, "_index + 1 < _leaf.Count", "_index + 2 < _leaf.Count")),
        new(
            "cursor-skips-the-first-entry",
            "Moving backward leaves a leaf before its first entry.",
            4,
            Edit.Expression(CursorFile, "_isValid && _index > 0", "_isValid && _index > 1")),
        new(
            "delete-at-the-cursor-skips",
            "After deleting at the cursor the next entry is skipped.",
            1,
            Edit.Expression(
                "WriteCursor.cs", "isOnEntry ? _cursor.MoveNext() : _cursor.IsValid", "_cursor.MoveNext()")),
        new(
            "delete-at-the-cursor-repeats",
            "After deleting at the cursor the entry before it comes once more.",
            1,
            Edit.Expression(
                "WriteCursor.cs",
                "isOnEntry ? _cursor.MoveNext() : _cursor.IsValid",
                "isOnEntry ? _cursor.MoveNext() : _cursor.MovePrevious() || _cursor.MoveToFirst()")),
        new(
            "floor-takes-equal-for-below",
            "Seeking the entry below a key gives the key itself.",
            4,
            Edit.Expression(CursorFile, "isEqual && orEqual", "isEqual")),
    ];
}
