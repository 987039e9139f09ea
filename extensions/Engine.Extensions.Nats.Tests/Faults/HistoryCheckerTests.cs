namespace Engine.Extensions.Nats.Tests.Faults;

/// <summary>The checker finds what it is there to find.</summary>
public class HistoryCheckerTests
{
    private static readonly HistoryEvent[] Sound =
    [
        new(HistoryKind.Increment, 1, 4, 1, 10),
        new(HistoryKind.Increment, 2, 6, 2, 11),
        new(HistoryKind.Read, 5, 7, 1, 0),
        new(HistoryKind.Read, 7, 9, 2, 0),
        new(HistoryKind.Put, 3, 8, 77, 12),
        new(HistoryKind.Increment, 10, 12, 3, 13),
    ];

    [Test]
    public void Check_OfASoundHistory_FindsNothing() => Assert.That(Problems(Sound), Is.Empty);

    [TestCase(HistoryKind.Increment, 11, 13, 3, 14, "two increments", TestName = "An increment that counted twice")]
    [TestCase(HistoryKind.Increment, 11, 13, 4, 14, "increment is lost", TestName = "A lost increment")]
    [TestCase(HistoryKind.Put, 11, 13, 78, 14, "put is lost", TestName = "A lost put")]
    [TestCase(HistoryKind.Read, 13, 14, 2, 0, "shows less", TestName = "A stale read")]
    [TestCase(HistoryKind.Increment, 10, 13, 0, 14, "another order", TestName = "An increment out of order")]
    public void Check_OfAHistoryWith_FindsIt(
        HistoryKind kind, long start, long end, long value, long sequence, string problem) => Assert.That(
            Problems([.. Sound, new HistoryEvent(kind, start, end, value, (ulong)sequence)]),
            Has.Some.Contains(problem));

    [Test]
    public void UpTo_APlace_HasTheWritesUpToThereAndTheReadsBeforeTheLastOfThem() => Assert.That(
        HistoryChecker.UpTo(Sound, 12), Is.EquivalentTo(new[] { Sound[0], Sound[1], Sound[4] }));

    [Test]
    public void UpTo_TheEnd_HasEverything() => Assert.That(HistoryChecker.UpTo(Sound, 13), Is.EquivalentTo(Sound));

    private static string[] Problems(HistoryEvent[] history) =>
        [.. HistoryChecker.Check(history, finalCounter: 3, new HashSet<long> { 77 })];
}
