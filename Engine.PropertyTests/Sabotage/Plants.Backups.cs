namespace Engine.PropertyTests.Sabotage;

/// <content>Backups.</content>
internal static partial class Plants
{
    private static IEnumerable<Plant> Backups =>
    [
        new(
            "backup-applied-out-of-order",
            "A backup is restored on top of another state than the one that it builds on.",
            23,
            Edit.Expression("Backups/BackupChain.cs", "next.BaseId != last.State.Id", "false"),
            Edit.Expression("Backups/BackupChain.cs", "next.BaseSum != last.State.Sum", "false")),
        new(
            "backup-without-the-first-commit",
            "An increment lacks the pages of the commit that follows its base.",
            23,
            Edit.Expression("Backups/BackupWalk.cs", "page.Birth <= _baseId", "page.Birth <= _baseId + 1")),
        new(
            "backup-digest-not-looked-at",
            "A backup whose digest is wrong is sound.",
            23,
            Edit.Expression(
                "Backups/BackupReader.cs",
                "_digest.Finish()",
                "BinaryPrimitives.ReadUInt64LittleEndian(trailer[24..])")),
    ];
}
