namespace Engine.PropertyTests.Sabotage;

/// <content>Forks.</content>
internal static partial class Plants
{
    private static IEnumerable<Plant> Forks =>
    [
        new(
            "fork-does-not-pin",
            "A fork does not hold the state that it began with in its base.",
            25,
            Edit.Statement("Transactions/DatabaseCore.Forks.cs", "pin.AddUser();", ";"),
            Edit.Expression("Transactions/DatabaseCore.Forks.cs", "pin.Release", "(Action)(static () => { })")),
        new(
            "fork-keeps-its-pin",
            "A fork that is closed goes on holding the state that it began with in its base.",
            25,
            Edit.Statement("Storage/ForkFile.cs", "file.Leave();", ";")),
        new(
            "fork-uses-borrowed-pages",
            "A fork does not hold the state that it began with in itself, and takes pages of its base for its own.",
            25,
            Edit.Statement(
                "Transactions/DatabaseCore.Forks.cs", "fork._forkPoint = fork.Readers.BeginShared();", ";")),
        new(
            "fork-left-open-by-its-base",
            "Closing a database leaves its forks open.",
            25,
            Edit.Statement("Transactions/DatabaseCore.Close.cs", "Attempt(fork.Dispose, ref failure);", ";")),
        new(
            "fork-of-a-fork-reads-later-pages",
            "A fork of a fork takes what that wrote later, where its own pages are, for what it borrows.",
            25,
            Edit.Expression("Storage/MapRegion.cs", "Math.Min(length, end - offset)", "length")),
    ];
}
