namespace Engine.PropertyTests.Sabotage;

/// <summary>
/// Changes to the sabotaged copy that are no bugs: they make sizes small that decide when rare things happen (log pages, values written early, ordered commits), so that
/// the small databases of the tests reach them; and a platform that cannot drop the system's cache. Every tier must pass with them.
/// </summary>
internal static class CommonEdits
{
    public static IReadOnlyList<Edit> All { get; } =
    [
        Edit.Replacement(
            "Space/SpaceTuning.cs",
            "public static SpaceTuning Default { get; } = new();",
            "public static SpaceTuning Default => Sabotage.RarePaths ? new() { LogHeadLimit = 200, SmallLog = 400 } : new();"),
        Edit.Replacement(
            "Transactions/CoreOptions.cs",
            "public int EarlyWriteThreshold { get; init; } = 256 * 1024;",
            "public int EarlyWriteThreshold { get; init; } = Sabotage.RarePaths ? 600 : 256 * 1024;"),
        Edit.Replacement(
            "Transactions/WriteContext.Commit.cs",
            "private const ulong MaxVerifiedPages = 1000;",
            "private static ulong MaxVerifiedPages => Sabotage.RarePaths ? 12UL : 1000;"),
        Edit.Replacement(
            "Transactions/DatabaseCore.Open.cs",
            "if (!wasClosedCleanly)\n",
            "if (!wasClosedCleanly && !Sabotage.KeepsCache)\n"),
    ];
}
