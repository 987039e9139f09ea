namespace Engine.PropertyTests.Sabotage;

/// <content>Going back within a transaction.</content>
internal static partial class Plants
{
    private const string DirtyFile = "Pages/DirtyList.Savepoints.cs";
    private const string SpacePointFile = "Space/SpaceManager.Savepoints.cs";
    private const string ContextFile = "Transactions/WriteContext.Savepoints.cs";

    private static IEnumerable<Plant> Savepoints =>
    [
        new(
            "append-not-saved",
            "A put behind all others changes its leaf without saving it for the savepoint.",
            14,
            Edit.Statement(
                "Trees/TreeEditor.Insert.cs",
                "_dirty.Touch(_references[0]);",
                "",
                after: "public AppendResult TryAppend(")),
        new(
            "parent-of-a-share-not-saved",
            "A leaf that shares with its neighbour moves the separator without saving the parent.",
            14,
            Edit.Statement(ShiftFile, "_dirty.Touch(_references[1]);", "")),
        new(
            "neighbour-of-a-share-not-saved",
            "A leaf that shares its entries with a neighbour does not save the neighbour.",
            14,
            Edit.Statement(ShiftFile, "_dirty.Touch(otherReference);", "")),
        new(
            "spare-buffer-not-taken-back",
            "After a rollback the buffer that leaves are exchanged with is one that is in use.",
            14,
            Edit.Statement(DirtyFile, "_spare = mark.Spare;", "")),
        new(
            "dropped-page-not-saved",
            "A page or value that is given up is not saved, so it stays given up.",
            14,
            Edit.Statement("Pages/DirtyList.cs", "Touch(reference);", "", after: "public void Drop(ulong reference)")),
        new(
            "live-pages-not-counted-back",
            "A rollback does not bring back how many pages the transaction has.",
            14,
            Edit.Statement(
                DirtyFile, "LiveCount = mark.LiveCount;", "", after: "public DirtyMark RollBackTo(")),
        new(
            "spill-saves-nothing",
            "What is in memory at a savepoint is not saved when it is written to the file.",
            14,
            Edit.Statement("Transactions/WriteContext.Early.cs", "SaveAll();", "", after: "private void Spill()")),
        new(
            "released-savepoint-takes-its-images-along",
            "What was saved for a released savepoint is missing to the one before it.",
            14,
            Edit.Expression(DirtyFile, "image.Entry.SavedAt < savepoint", "false")),
        new(
            "tree-record-not-restored",
            "A rollback restores a tree's pages, but not its root and counts.",
            14,
            Edit.Statement("Trees/TreeEditor.Savepoints.cs", "_record = image.Record;", "")),
        new(
            "rename-not-undone",
            "A rollback leaves names with the trees that they have got since.",
            14,
            Edit.Statement(ContextFile, "Name.Editor = Editor;", "")),
        new(
            "page-of-a-savepoint-taken-again",
            "A page that was written before a savepoint and given up after it is taken for something else.",
            15,
            Edit.Expression(
                SpacePointFile, "_savepoints == 0", "true", after: "private void ReturnOrKeep(Extent pages)")),
        new(
            "kept-pages-not-returned",
            "Pages that were kept for savepoints are free for nobody when the last savepoint is gone.",
            2,
            Edit.Statement(SpacePointFile, "Return(pages);", "", after: "foreach (var pages in _kept)")),
    ];
}
