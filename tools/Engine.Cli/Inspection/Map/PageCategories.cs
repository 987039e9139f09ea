namespace Engine.Cli.Inspection.Map;

/// <summary>How the categories are called and shown.</summary>
internal static class PageCategories
{
    public const int Count = (int)PageCategory.Damaged + 1;

    /// <summary>In the order of the legend.</summary>
    public static IReadOnlyList<PageCategory> All { get; } =
    [
        PageCategory.Reserved, PageCategory.Branch, PageCategory.Leaf, PageCategory.Overflow, PageCategory.Log,
        PageCategory.Reusable,
        PageCategory.Waiting, PageCategory.Damaged, PageCategory.Unknown,
    ];

    public static char LetterOf(PageCategory category) => category switch
    {
        PageCategory.Reserved => 'R',
        PageCategory.Branch => 'B',
        PageCategory.Leaf => 'L',
        PageCategory.Overflow => 'O',
        PageCategory.Log => 'S',
        PageCategory.Reusable => 'F',
        PageCategory.Waiting => 'W',
        PageCategory.Damaged => 'X',
        _ => '?',
    };

    public static string NameOf(PageCategory category) => category switch
    {
        PageCategory.Reserved => "reserved",
        PageCategory.Branch => "branch",
        PageCategory.Leaf => "leaf",
        PageCategory.Overflow => "overflow",
        PageCategory.Log => "space log",
        PageCategory.Reusable => "free, reusable",
        PageCategory.Waiting => "free, waiting for a reader",
        PageCategory.Damaged => "damaged",
        _ => "unknown: not reached",
    };

    public static string JsonNameOf(PageCategory category) => category switch
    {
        PageCategory.Log => "spaceLog",
        _ => category.ToString().ToLowerInvariant(),
    };
}
