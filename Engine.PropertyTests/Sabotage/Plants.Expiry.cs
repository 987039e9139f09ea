namespace Engine.PropertyTests.Sabotage;

/// <content>Trees whose entries expire.</content>
internal static partial class Plants
{
    private static IEnumerable<Plant> Expiry =>
    [
        new(
            "entry-read-when-it-expires",
            "An entry can be read in the millisecond in which it expires.",
            21,
            Edit.Expression("Trees/ExpiryForm.cs", "time <= now", "time < now")),
        new(
            "time-index-keeps-the-old-time",
            "An entry that gets another time, or goes, stays in the time index under its old one.",
            21,
            Edit.Statement(
                "Transactions/WriteContext.Expiry.cs",
                "_ = Delete(tree.Times, ExpiryForm.IndexKey(from, key, scratch));",
                "")),
    ];
}
