namespace Engine.PropertyTests.Sabotage;

/// <summary>The planted bugs. docs/planted-bugs.md lists them with the tier that caught each.</summary>
internal static partial class Plants
{
    public static IReadOnlyList<Plant> All { get; } =
        [
            .. Committing, .. Opening, .. Settling, .. Space, .. Trees, .. Pages, .. Files, .. Readers, .. Format,
            .. Savepoints, .. Groups, .. Counts, .. Sequences, .. Pairs, .. Indexes, .. Differences, .. Snapshots,
            .. Expiry, .. Backups, .. Changes, .. Forks, .. Stored,
        ];
}
