using Engine.Testing.Tests.Programs;

namespace Engine.Testing.Tests;

/// <summary>The kit finds what it is for, and says how to see it again.</summary>
public class UserBugTests
{
    [TestCaseSource(typeof(UserBug), nameof(UserBug.All))]
    public void Sweep_OfAProgramWithABug_FindsItAndTheLineReplaysIt(UserBug bug)
    {
        var test = new CrashTest(bug.Program, bug.Check);
        var found = Find(bug.NeedsFailure ? test.EveryFailure : test.EveryPoint);
        Assert.That(found.InnerException, Is.TypeOf<InvariantException>());
        Assert.That(found.Message, Does.Contain(found.InnerException!.Message));
        Assert.That(found.Message, Does.Contain($"test.Replay(\"{found.Point}\");"));
        var replayed = Find(() => test.Replay(found.Point.ToString()!));
        Assert.That(replayed.Point, Is.EqualTo(found.Point));
        Assert.That(replayed.Message, Is.EqualTo(found.Message));
    }

    [TestCaseSource(typeof(UserBug), nameof(UserBug.All))]
    public void AtRandom_FindsItToo_AndTheSameSeedFindsTheSame(UserBug bug)
    {
        var test = new CrashTest(bug.Program, bug.Check);
        var found = Find(() => test.AtRandom(2000, seed: 7));
        Assert.That(Find(() => test.AtRandom(2000, seed: 7)).Point, Is.EqualTo(found.Point));
        Assert.That(Find(() => test.At(found.Point!.Value)).InnerException, Is.TypeOf<InvariantException>());
    }

    [Test]
    public void EveryPoint_OfABugThatOnlyFailingCallsShow_FindsNothing()
    {
        foreach (var bug in UserBug.All.Where(static bug => bug.NeedsFailure))
        {
            Assert.That(new CrashTest(bug.Program, bug.Check).EveryPoint().States, Is.GreaterThan(10), bug.Name);
        }
    }

    [Test]
    public void DeferredCommitTakenForDurable_IsLostByThePowerAndByAKill()
    {
        var bug = UserBug.All.Single(static bug => bug.Name == "DeferredCommitTakenForDurable");
        var kinds = new HashSet<CrashKind>();
        new CrashTest(
            bug.Program,
            (database, crash) =>
            {
                foreach (var number in crash.Acknowledged<int>())
                {
                    if (!Ledger.Has(database, number))
                    {
                        kinds.Add(crash.Kind);
                    }
                }
            }).EveryPoint();
        Assert.That(kinds, Is.EquivalentTo(new[] { CrashKind.Kill, CrashKind.PowerCut }));
    }

    private static CrashTestException Find(Func<CrashReport> sweep)
    {
        CrashReport? report = null;
        var found = Assert.Throws<CrashTestException>(() => report = sweep(), $"it found nothing: {report}");
        TestContext.Out.WriteLine(found!.Message);
        return found;
    }
}
