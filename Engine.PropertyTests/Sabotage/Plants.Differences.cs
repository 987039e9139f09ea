namespace Engine.PropertyTests.Sabotage;

/// <content>What changed between two states.</content>
internal static partial class Plants
{
    private const string DiffFile = "Trees/TreeDiff.cs";

    private static IEnumerable<Plant> Differences =>
    [
        new(
            "difference-skips-what-begins-alike",
            "Subtrees are taken for the same, and left out of a difference, if they begin at the same separator.",
            4,
            Edit.Expression(
                "Trees/TreeDiffSide.cs",
                "older.CountCommon(newer)",
                "!older.Bound.IsEmpty && older.Bound.SequenceEqual(newer.Bound) ? 1 : older.CountCommon(newer)")),
        new(
            "difference-compares-lengths-of-values",
            "Values that have the same length are taken for the same by a difference.",
            4,
            Edit.Expression(DiffFile, "_older.Value.SequenceEqual(_newer.Value)", "true")),
        new(
            "difference-ends-with-the-newer-tree",
            "What the older tree has behind the last entry of the newer one is missing in their difference.",
            4,
            Edit.Expression(DiffFile, "_older.IsEnd && _newer.IsEnd", "_newer.IsEnd")),
    ];
}
