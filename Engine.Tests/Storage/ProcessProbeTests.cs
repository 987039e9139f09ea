using System.Diagnostics;
using System.Globalization;
using Engine.Storage;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Storage;

public class ProcessProbeTests
{
    [Test]
    public void Probe_OfThisProcess_IsAlive() =>
        Assert.That(ProcessProbe.Probe(ProcessProbe.Current, startIsKnown: true), Is.EqualTo(ProcessLiveness.Alive));

    [Test]
    public void Current_NamesProcessNamespaceAndStart()
    {
        Assert.That(ProcessProbe.Current.ProcessId, Is.EqualTo(Environment.ProcessId));
        Assert.That(ProcessProbe.Current.StartTicks, Is.Not.Zero);
        if (OperatingSystem.IsLinux())
        {
            Assert.That(
                new FileInfo("/proc/self/ns/pid").LinkTarget, Is.EqualTo($"pid:[{ProcessProbe.Current.PidNamespace}]"));
        }
    }

    [Test]
    public void Token_HoldsProcessAndNamespace()
    {
        var identity = new ProcessIdentity(int.MaxValue, uint.MaxValue, 77);

        Assert.That(ProcessIdentity.FromToken(identity.Token, 77), Is.EqualTo(identity));
    }

    [Test]
    public void Probe_OfAnEarlierProcessOfTheSameNumber_IsDead()
    {
        ProcessIdentity earlier = ProcessProbe.Current with { StartTicks = ProcessProbe.Current.StartTicks - 1 };

        Assert.That(ProcessProbe.Probe(earlier, startIsKnown: true), Is.EqualTo(ProcessLiveness.Dead));
        Assert.That(ProcessProbe.Probe(earlier, startIsKnown: false), Is.EqualTo(ProcessLiveness.Alive));
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(int.MinValue)]
    public void Probe_OfANumberThatNoProcessHas_IsDead(int processId) =>
        Assert.That(
            ProcessProbe.Probe(ProcessProbe.Current with { ProcessId = processId }, startIsKnown: true),
            Is.EqualTo(ProcessLiveness.Dead));

    [Test]
    public void Probe_AcrossPidNamespaces_IsUnknown()
    {
        Machine.NeedLinux();
        ProcessIdentity foreign =
            ProcessProbe.Current with { PidNamespace = ProcessProbe.Current.PidNamespace + 1, StartTicks = 1 };

        Assert.That(ProcessProbe.Probe(foreign, startIsKnown: true), Is.EqualTo(ProcessLiveness.Unknown));
        Assert.That(
            ProcessProbe.Probe(foreign with { PidNamespace = 0 }, startIsKnown: true),
            Is.EqualTo(ProcessLiveness.Unknown));
    }

    [Test]
    public void Probe_OfAProcessThatEnds_TurnsFromAliveToDead()
    {
        Machine.NeedLinux();
        using Process child = Process.Start("sleep", "100");
        ProcessIdentity identity = Identify(child.Id);
        Assert.That(ProcessProbe.Probe(identity, startIsKnown: true), Is.EqualTo(ProcessLiveness.Alive));

        child.Kill();
        child.WaitForExit();

        Assert.That(ProcessProbe.Probe(identity, startIsKnown: true), Is.EqualTo(ProcessLiveness.Dead));
        Assert.That(ProcessProbe.Probe(identity, startIsKnown: false), Is.EqualTo(ProcessLiveness.Dead));
    }

    [Test]
    public void Probe_OfAStoppedProcess_IsAlive()
    {
        Machine.NeedLinux();
        using Process child = Process.Start("sleep", "100");
        Machine.Run("kill", "-STOP", child.Id.ToString(CultureInfo.InvariantCulture));

        Assert.That(ProcessProbe.Probe(Identify(child.Id), startIsKnown: true), Is.EqualTo(ProcessLiveness.Alive));

        child.Kill();
        child.WaitForExit();
    }

    [Test]
    public void Probe_OfAZombie_IsDead()
    {
        Machine.NeedLinux();

        // The shell's child ends later than the shell, and what that turns into never asks for its fate.
        var start =
            new ProcessStartInfo("sh", ["-c", "sleep 0.5 & echo $!; exec sleep 100"]) { RedirectStandardOutput = true };
        using Process parent = Process.Start(start)!;
        int zombie = int.Parse(parent.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
        string stat = $"/proc/{zombie}/stat";
        Patience.Until(
            () => File.ReadAllText(stat).Contains(") Z ", StringComparison.Ordinal), "the child becomes a zombie");

        Assert.That(ProcessProbe.Probe(Identify(zombie), startIsKnown: true), Is.EqualTo(ProcessLiveness.Dead));

        parent.Kill();
        parent.WaitForExit();
    }

    [Test]
    public void TryParseStat_IsNotMisledByTheName()
    {
        string rest = string.Join(' ', Enumerable.Range(5, 48));
        string line = $"12 (a) Z 99 (b) S 4 {rest}\n";

        Assert.That(ProcessProbe.TryParseStat(line, out ulong start, out bool hasEnded), Is.True);
        Assert.That(start, Is.EqualTo(22));
        Assert.That(hasEnded, Is.False);
    }

    [Test]
    public void TryParseStat_OfAZombieWhoseOtherThreadsRun_HasNotEnded([Values(1, 2)] int threads)
    {
        string line = $"12 (x) Z 4 {string.Join(' ', Enumerable.Range(5, 15))} {threads} 21 555 23 24\n";

        Assert.That(ProcessProbe.TryParseStat(line, out ulong start, out bool hasEnded), Is.True);
        Assert.That(start, Is.EqualTo(555));
        Assert.That(hasEnded, Is.EqualTo(threads == 1));
    }

    [TestCase("")]
    [TestCase("12")]
    [TestCase("12 (x) S 4 5 6")]
    [TestCase("12 (x) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 nonsense 23")]
    public void TryParseStat_OfSomethingElse_IsFalse(string line) =>
        Assert.That(ProcessProbe.TryParseStat(line, out _, out _), Is.False);

    private static ProcessIdentity Identify(int processId)
    {
        Assert.That(
            ProcessProbe.TryParseStat(File.ReadAllText($"/proc/{processId}/stat"), out ulong start, out _), Is.True);
        return new ProcessIdentity(processId, ProcessProbe.Current.PidNamespace, start);
    }
}
