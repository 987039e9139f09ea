namespace Engine.PropertyTests.Sabotage;

/// <content>The entry counts of counted trees.</content>
internal static partial class Plants
{
    private const string CountsFile = "Trees/TreeEditor.Counts.cs";
    private const string BranchEditorFile = "Pages/BranchEditor.cs";

    private static IEnumerable<Plant> Counts =>
    [
        new(
            "count-kept-when-a-dirty-leaf-changes",
            "A put or delete in a leaf that was counted and is changed again leaves its count as it is.",
            17,
            Edit.Statement(TreeFile, "LoseCounts();", "", after: "_dirty.Touch(_references[0]);")),
        new(
            "count-kept-when-a-clean-leaf-changes",
            "A put or delete in a leaf that is copied for it leaves the counts above it as they are.",
            17,
            Edit.Statement(TreeFile, "LoseCountsOfPath();", "")),
        new(
            "count-kept-by-an-append",
            "A put behind all others leaves the count of its leaf as it is.",
            17,
            Edit.Statement("Trees/TreeEditor.Insert.cs", "LoseCounts();", "")),
        new(
            "count-lost-up-to-the-leaf-only",
            "A change is told to the leaf's parent, and not further up.",
            17,
            Edit.Expression(
                CountsFile, "level < _record.Depth", "level < 1", after: "private void LoseCountsOfPath()")),
        new(
            "count-kept-by-a-share",
            "A leaf that took entries of its full neighbour counts what it had.",
            17,
            Edit.Statement(ShiftFile, "_dirty[otherReference].CountedIn = 0;", "")),
        new(
            "count-kept-by-a-range",
            "A range that is deleted leaves the counts of the pages at its ends as they are.",
            17,
            Edit.Statement(RangeFile, "CountAnew();", "")),
        new(
            "count-kept-by-a-rollback",
            "After a rollback pages count what they held before it.",
            17,
            Edit.Statement("Trees/TreeEditor.Savepoints.cs", "CountAnew();", "")),
        new(
            "count-not-written",
            "A commit writes the counts that were there, whatever has changed.",
            17,
            Edit.Expression(WriterFile, "parent.IsCounted", "false")),
        new(
            "counts-not-moved-by-an-insert",
            "A child that is inserted into a branch does not move the counts of those behind it.",
            17,
            Edit.Expression(
                BranchEditorFile,
                "PageLayout.BranchSlotSize + countSize",
                "PageLayout.BranchSlotSize",
                after: "counts + (countSize * index),")),
        new(
            "count-of-the-first-child-kept",
            "When the first child of a branch goes, the one that takes its place has its count.",
            17,
            Edit.Statement(BranchEditorFile, "branch.SetEntryCount(0, branch.EntryCount(number));", "")),
        new(
            "count-lost-by-a-merge",
            "The first child of a branch that is merged with the one before it has no entries.",
            17,
            Edit.Expression(DeleteFile, "right.EntryCount(0)", "0")),
        new(
            "counts-lost-by-a-split",
            "The children of a branch that is built anew have no entries.",
            17,
            Edit.Expression("Pages/BranchBuilder.cs", "source.EntryCount(i)", "0")),
        new(
            "tree-options-ignored",
            "A tree that was to be counted is a plain one.",
            17,
            Edit.Expression(NamesFile, "flags ?? default", "default")),
    ];
}
