using Engine.Bench.Data;
using Engine.Bench.Limits;
using Engine.Bench.Observing;
using Engine.Bench.Peers;
using Engine.Bench.Peers.Own;
using Engine.Storage;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Bench;

[Category(Categories.Bench)]
public class WriteReplayTests
{
    [Test]
    public void Replay_OfATrace_DoesTheSameInTheSameOrder()
    {
        WriteTrace trace = new();
        trace.NoteWrite(1, 1);
        trace.Start();
        trace.NoteWrite(4096, 100);
        trace.NoteLength(9000);
        trace.NoteFlush();
        trace.NoteWrite(0, 7);
        trace.Stop();
        trace.NoteFlush();

        List<string> steps = [];
        trace.Replay(
            (offset, length) => steps.Add($"write {length} at {offset}"),
            () => steps.Add("flush"),
            length => steps.Add($"length {length}"));

        Assert.That(steps, Is.EqualTo(new[] { "write 100 at 4096", "length 9000", "flush", "write 7 at 0" }));
    }

    [Test]
    public void Run_OfAFill_MakesAFileAsLongAsTheDatabase()
    {
        using TempDirectory directory = new();
        string path = directory.File("recorded.db"), copy = directory.File("replay");
        WriteTrace trace = new();
        WriteReplay replay = new(copy, trace);
        using EngineDatabase database = new(path, new ObservedStorage(new FileStorage(path), trace));
        replay.Prepare(path);
        long before = new FileInfo(copy).Length;
        trace.Start();
        KeyStream keys = new(KeyOrder.Sequential, seed: 1, population: 5000);
        database.Put(keys, new ValueSource(100, 0), new OperationRange(0, 5000), 1000, CommitKind.Durable);
        trace.Stop();

        double first = replay.Run(), second = replay.Run();

        Assert.That(new[] { first, second }, Is.All.Positive);
        Assert.That(new FileInfo(copy).Length, Is.EqualTo(new FileInfo(path).Length).And.GreaterThan(before));
        int flushes = 0;
        trace.Replay((_, _) => { }, () => flushes++, _ => { });
        Assert.That(flushes, Is.AtLeast(5), "each of the five commits is durable");
    }
}
