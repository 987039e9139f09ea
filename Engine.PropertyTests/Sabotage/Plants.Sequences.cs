namespace Engine.PropertyTests.Sabotage;

/// <content>Numbers that are taken once.</content>
internal static partial class Plants
{
    private const string SequencesFile = "Transactions/WriteContext.Sequences.cs";
    private const string ReservedFile = "ReservedSequence.cs";

    private static IEnumerable<Plant> Sequences =>
    [
        new(
            "rollback-gives-numbers-back",
            "A rollback to a savepoint brings back the numbers that were taken after it.",
            18,
            Edit.Statement(SequencesFile, "TakeAgain();", "")),
        new(
            "block-one-number-short",
            "Who takes numbers leaves the last of them for the next one.",
            18,
            Edit.Expression(
                SequencesFile, "last + count", "Math.Max(last + 1, last + count - 1)", after: "var last = LastOf(")),
        new(
            "numbers-lost-by-a-reset",
            "A transaction remembers the last number that it took of a sequence, and not the highest.",
            18,
            Edit.Expression(SequencesFile, "Math.Max(taken.Last, last)", "last")),
        new(
            "numbers-of-another-transaction",
            "A rollback takes the numbers of a transaction that was aborted.",
            18,
            Edit.Statement("Transactions/WriteContext.cs", "ForgetTaken();", "")),
        new(
            "numbers-of-another-member",
            "A rollback takes the numbers of a transaction before it that shares its commit, or was aborted.",
            18,
            Edit.Statement("Transactions/WriteContext.Members.cs", "ForgetTaken();", "")),
        new(
            "block-given-before-it-is-durable",
            "Reserved numbers are given when their block is visible, and not only when it is on disk.",
            18,
            Edit.Expression(
                ReservedFile,
                "CommitMode.Durable",
                "CommitMode.Deferred",
                after: "private long TakeBlock(")),
    ];
}
