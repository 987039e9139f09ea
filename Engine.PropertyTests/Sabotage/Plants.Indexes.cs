namespace Engine.PropertyTests.Sabotage;

/// <content>The indexes of typed trees.</content>
internal static partial class Plants
{
    private const string IndexedWritesFile = "IndexedWrites.cs";
    private const string IndexChangesFile = "Transactions/WriteContext.Indexes.cs";

    private static IEnumerable<Plant> Indexes =>
    [
        new(
            "index-keeps-the-old-entry",
            "An entry that gets another key in an index, or goes, stays there under its old one.",
            20,
            Edit.Statement(IndexChangesFile, "_ = Delete(changes.Index(index), changes.Old(index));", "")),
        new(
            "index-not-changed-by-an-update",
            "A put over an entry leaves its keys in indexes as they are.",
            20,
            Edit.Expression(IndexedWritesFile, "value.SequenceEqual(entry.NewValue)", "true")),
        new(
            "index-forgotten-by-a-range",
            "A range that is deleted goes from all indexes but the last one.",
            20,
            Edit.Expression(
                IndexedWritesFile,
                "i < sorters.Length",
                "i < sorters.Length - 1",
                after: "private static long DeleteRange<TKey, TValue>(")),
        new(
            "index-not-cleared",
            "A tree that is cleared leaves its indexes as they are.",
            20,
            Edit.Statement(IndexedWritesFile, "_ = context.Clear(index);", "")),
        new(
            "unique-index-not-asked-by-an-update",
            "A put over an entry may give it the key in a unique index that another one has.",
            20,
            Edit.Expression(
                IndexChangesFile,
                "changes.IsUnique(i) && changes.HasNew(i)",
                "changes.IsUnique(i) && !changes.HasOld(i)")),
        new(
            "index-outlives-its-tree",
            "A tree that is dropped leaves its indexes.",
            20,
            Edit.Statement("Transactions/WriteContext.Names.cs", "DropIndexesOf(tree);", "")),
    ];
}
