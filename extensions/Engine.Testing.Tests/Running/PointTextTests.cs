using Engine.Testing.Simulation;

namespace Engine.Testing.Tests.Running;

public class PointTextTests
{
    [Property(MaxTest = 2000)]
    public void Parse_OfWhatWasWritten_IsTheSamePoint(ulong seed, ulong program, int moment, bool fails, byte sectors)
    {
        // A tear of no sector is written as none.
        var plan = CrashPlan.Random(seed, sectors);
        plan = plan with
        {
            TearWords = plan.TearSector < 0 ? 0 : plan.TearWords,
            FillSector = plan.Fill == CrashFill.Old ? -1 : plan.FillSector,
        };
        var point = new CrashPoint
        {
            Program = program,
            Moment = moment & int.MaxValue,
            Kind = CrashKind.PowerCut,
            Plan = plan,
            Fault = fails ? new Fault(sectors, FaultKind.Unwritten, seed) : null,
        };
        Assert.That(CrashPoint.Parse(point.ToString()), Is.EqualTo(point));
    }

    [TestCase("at:31 power keep:prefix:8")]
    [TestCase("at:31 power keep:all")]
    [TestCase("at:31 power keep:none length:-1 names:-1 lock:1")]
    [TestCase("at:31 power keep:allbut:3")]
    [TestCase("at:31 power keep:only:3:4 torn:3:17")]
    [TestCase("at:31 power keep:mask:255 fill:Stale:-1 dice:9")]
    [TestCase("program:17 fault:2:NoSpace:0 at:31 kill")]
    [TestCase("at:31 end")]
    [TestCase("seed:18446744073709551615")]
    public void Text_IsWhatItWasParsedFrom(string text) =>
        Assert.That(CrashPoint.Parse(text).ToString(), Is.EqualTo(text));

    [Test]
    public void Nothing_AndEverything_AreTheSamePlansAgain()
    {
        foreach (var plan in new[] { CrashPlan.Nothing, CrashPlan.Everything })
        {
            var point = new CrashPoint { Moment = 3, Kind = CrashKind.PowerCut, Plan = plan };
            Assert.That(CrashPoint.Parse(point.ToString()).Plan, Is.EqualTo(plan));
        }
    }
}
