namespace Engine.PropertyTests.Sabotage;

/// <content>The feed of changes.</content>
internal static partial class Plants
{
    private static IEnumerable<Plant> Changes =>
    [
        new(
            "feed-goes-on-from-the-newest",
            "What is committed while a change is in hand is not told.",
            24,
            Edit.Statement("Database.Changes.cs", "older = newer;", "older = OpenDurable();")),
        new(
            "completing-does-not-move-on",
            "A consumer that completes a change stays before it.",
            24,
            Edit.Expression(
                "WriteTransaction.Snapshots.cs",
                "change.Newer.Pin",
                "change.Older.Pin",
                after: "change.TakenBy = this;")),
        new(
            "consumer-taken-on-when-it-moved",
            "A change can be completed though its consumer is further already.",
            24,
            Edit.Expression(
                "WriteTransaction.Snapshots.cs", "named.Id > change.Older.TransactionId", "named.Id == 0")),
    ];
}
