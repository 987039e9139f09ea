namespace Engine.PropertyTests.Sabotage;

/// <content>Trees and entries that are taken over as they are stored in another database.</content>
internal static partial class Plants
{
    private const string StoredFile = "Transactions/WriteContext.Stored.cs";

    private static IEnumerable<Plant> Stored =>
    [
        new(
            "old-name-keeps-its-attributes",
            "A tree that is moved leaves what it is besides its entries to the next one of its old name.",
            26,
            Edit.Statement(StoredFile, "tree.Attributes = [];", "")),
        new(
            "move-to-a-taken-name",
            "A tree is moved to the name of one that stays, which nobody has from then on.",
            26,
            Edit.Expression(
                StoredFile, "!froms.Contains(to) && Touch(new TreeName(to)).Editor is not null", "false")),
        new(
            "moved-tree-keeps-its-old-name",
            "A tree that is moved has its old name, too, and both change one tree.",
            26,
            Edit.Statement(StoredFile, "tree.Editor = null;", "")),
        new(
            "move-not-undone",
            "A rollback leaves moved trees without the names that they had.",
            14,
            Edit.Statement(
                StoredFile,
                "Rebind(tree);",
                "{ tree.IsRebound = true; _namesChanged = true; _rebinds++; }",
                after: "private TreeEditor? TakeFromName(TreeMove move)")),
        new(
            "made-tree-without-its-options",
            "A tree that is made as it is defined elsewhere is a plain one.",
            26,
            Edit.Expression(StoredFile, "NewEditor(move.Definition!.Flags)", "NewEditor(default)")),
        new(
            "moved-tree-without-its-definition",
            "A tree that is made or moved is not described as its definition says.",
            26,
            Edit.Statement(StoredFile, "tree.Attributes = move.Definition!.Attributes;", "")),
        new(
            "options-of-a-moved-tree-not-compared",
            "A tree may be moved with the definition of one that has other options.",
            26,
            Edit.Expression(StoredFile, "editor.Record.Flags != definition.Flags", "false")),
        new(
            "tree-dropped-by-a-move-keeps-its-pages",
            "The pages of a tree that is dropped among others are never free.",
            2,
            Edit.Statement(StoredFile, "editor!.Clear();", "")),
        new(
            "stored-entry-not-replaced",
            "An entry that is written as it is stored does not replace the one of its key.",
            26,
            Edit.Expression(StoredFile, "PutMode.Overwrite", "PutMode.AddOnly")),
        new(
            "missing-stored-entry-counts-as-deleted",
            "Deleting a stored entry that is missing says that it was there.",
            26,
            Edit.Expression(StoredFile, "Delete(editor, key)", "(Delete(editor, key) || true)")),
    ];
}
