using System.Diagnostics;
using Engine.Diagnostics;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Observability;

/// <summary>Measuring allocates nothing: not while nobody listens, and metrics not even then.</summary>
[NonParallelizable]
public class SilentTelemetryTests
{
    [Test]
    public void Telemetry_OfACommit_AllocatesNothing([Values] bool listens)
    {
        using var meters = new SilentListener(listens);
        var telemetry = new DatabaseTelemetry(
            EngineInstruments.For(meters), "db", "db", TimeSpan.FromSeconds(1));
        Assert.That(telemetry.WantsCommits, Is.EqualTo(listens));

        Note(telemetry, 100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Note(telemetry, 1000);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(meters.Count, listens ? Is.EqualTo(3 * 1100) : Is.Zero);
    }

    [Test]
    public void BeginRead_WithATag_AllocatesNothing()
    {
        using var database = Sample.InMemory();
        const string Tag = "export";
        for (var i = 0; i < 100; i++)
        {
            using var read = database.BeginRead(Tag);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            using var read = database.BeginRead(Tag);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private static void Note(DatabaseTelemetry telemetry, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var span = telemetry.StartFlush();
            telemetry.EndFlush(span, Stopwatch.GetTimestamp(), failure: null);
            telemetry.NoteGroup(1);
            telemetry.NoteCommit(null, TimeSpan.FromTicks(1), isDeferred: false, 1, default);
        }
    }
}
