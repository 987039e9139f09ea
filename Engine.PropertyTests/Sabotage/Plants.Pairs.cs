namespace Engine.PropertyTests.Sabotage;

/// <content>The pairs of multi-valued trees.</content>
internal static partial class Plants
{
    private const string PairFormFile = "Trees/PairForm.cs";
    private const string MultiWriterFile = "MultiTreeWriter.cs";
    private const string MultiCursorFile = "MultiWriteCursor.cs";

    private static IEnumerable<Plant> Pairs =>
    [
        new(
            "pair-key-not-escaped",
            "A key with zero bytes is written as it is.",
            19,
            Edit.Expression(
                "Common/EscapedBytes.cs", "length + CountEscapes(destination[..length])", "length")),
        new(
            "pair-without-its-key",
            "An escaped key is not written once more as it is.",
            19,
            Edit.Expression(PairFormFile, "KeySize == 0 && key.Contains((byte)0)", "false")),
        new(
            "pair-split-without-escapes",
            "A pair is taken apart as if its key had not been escaped.",
            19,
            Edit.Expression(PairFormFile, "EscapedBytes.CountEscapes(key)", "0", after: "key = entryValue;")),
        new(
            "pair-that-is-there-counts-as-added",
            "Adding a pair that is there says that it was not.",
            19,
            Edit.Expression("Transactions/WriteContext.Pairs.cs", "PutMode.AddOnly", "PutMode.Overwrite")),
        new(
            "key-deleted-with-those-that-begin-so",
            "Deleting all values of a key deletes those of longer keys that begin with it.",
            19,
            Edit.Expression(
                MultiWriterFile,
                "form.Key(key, stackalloc byte[Scratch.Length])",
                "form.Prefix(key, stackalloc byte[Scratch.Length])")),
        new(
            "next-key-is-the-next-value",
            "A write cursor moves to the next value of a key instead of the next key.",
            19,
            Edit.Expression(MultiCursorFile, "_cursor.Seek(next)", "_cursor.MoveNext()")),
        new(
            "key-at-a-cursor-deleted-in-part",
            "Deleting the key under a write cursor leaves its other values.",
            19,
            Edit.Expression(
                MultiCursorFile,
                "new TreeWriter(_transaction, _tree.Pairs).DeletePrefix(pair[..KeyLength(pair)])",
                "_cursor.Delete() ? 1L : 0L")),
        new(
            "next-key-within-a-key",
            "A read cursor that looks for the next key stays within one that has many values.",
            19,
            Edit.Expression("MultiReadCursor.cs", "!_cursor.Key.StartsWith(prefix)", "true")),
        new(
            "last-value-of-the-next-key",
            "The last value of a key is looked for behind the next one.",
            19,
            Edit.Expression(
                "MultiTreeReader.cs", "cursor.SeekBelow(next, orEqual: false, out _)", "cursor.Seek(next, out _)")),
        new(
            "values-counted-without-their-end",
            "The values of a key are counted up to the end of the leaf.",
            19,
            Edit.Expression("RangeEnd.cs", "low", "count", after: "low = middle + 1;")),
    ];
}
