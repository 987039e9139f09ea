using Engine.Testing.Tests.Programs;
using FsCheck;
using FsCheck.Fluent;

namespace Engine.Testing.Tests;

/// <summary>Random programs of FsCheck, crashed by the kit.</summary>
public class FsCheckTests
{
    [Property(Arbitrary = [typeof(CrashArbitraries)], MaxTest = 30)]
    public void EveryConfirmedEntry_IsThere(NonEmptyArray<byte> numbers, CrashPoint point) =>
        Putting(numbers.Get, CommitMode.Durable).At(point);

    [Property(MaxTest = 3, EndSize = 6)]
    public void EveryConfirmedEntry_IsThereAtEveryPoint(NonEmptyArray<byte> numbers) =>
        Putting(numbers.Get, CommitMode.Durable).EveryPoint();

    [Test]
    public void SweepOfEachProgram_WithABug_ShrinksToTheShortestProgram()
    {
        var last = Array.Empty<byte>();
        var property = Prop.ForAll<NonEmptyArray<byte>>(numbers =>
        {
            try
            {
                Putting(numbers.Get, CommitMode.Deferred).EveryPoint();
            }
            catch (CrashTestException)
            {
                last = numbers.Get;
                throw;
            }
        });
        Assert.That(
            () => property.Check(Config.QuickThrowOnFailure.WithEndSize(8)),
            Throws.Exception.With.Message.Contains("was confirmed and is lost"));
        Assert.That(last, Has.Length.EqualTo(1));
    }

    [Test]
    public void Points_AtRandom_FindABug()
    {
        var property = Prop.ForAll(
            CrashArbitraries.Points(), point => Putting([1, 2, 3], CommitMode.Deferred).At(point));
        Assert.That(
            () => property.Check(Config.QuickThrowOnFailure),
            Throws.Exception.With.Message.Contains("was confirmed and is lost").And.Message.Contains("test.Replay("));
    }

    private static CrashTest Putting(byte[] numbers, CommitMode mode) => new(
        (database, run) =>
        {
            foreach (var number in numbers)
            {
                database.Write(transaction => Ledger.Put(transaction, number), mode);
                run.Acknowledge((int)number);
            }
        },
        Ledger.Check);
}
