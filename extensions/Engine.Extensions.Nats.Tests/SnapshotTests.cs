using Engine.Extensions.Nats.Tests.Infrastructure;
using NATS.Client.JetStream;
using static Engine.Extensions.Nats.Tests.Infrastructure.NodeSet;

namespace Engine.Extensions.Nats.Tests;

/// <summary>Nodes take snapshots, cut the log, and start from a snapshot where the log does not reach back.</summary>
[Category("Process")]
public class SnapshotTests : NodeTests
{
    [Test]
    public async Task OpenAsync_OfANewNodeAfterTheLogWasCut_StartsFromTheSnapshot()
    {
        var nodes = With(kept: 0);
        var writer = await nodes.OpenAsync(0);
        await WriteAsync(writer, 0, 200);
        Assert.That(await writer.TakeSnapshotAsync(), Is.True);
        var cut = await FirstSequenceAsync();
        await WriteAsync(writer, 200, 20);

        var late = await nodes.OpenAsync(1);
        await late.CatchUpAsync();

        Assert.That(cut, Is.GreaterThan(1));
        Assert.That(writer.SnapshotSequence, Is.EqualTo(cut - 1));
        Assert.That(await DigestAsync(late), Is.EqualTo(await DigestAsync(writer)));
        Assert.That(Read(late, "t", "219"), Is.EqualTo("219"));
    }

    [Test]
    public async Task OpenAsync_OfANodeBehindTheLog_StartsFromTheSnapshotInANewFile()
    {
        var nodes = With(kept: 0);
        var writer = await nodes.OpenAsync(0);
        var away = await nodes.OpenAsync(1);
        await WriteAsync(writer, 0, 5);
        await away.CatchUpAsync();
        await away.DisposeAsync();
        await WriteAsync(writer, 5, 20);
        Assert.That(await writer.TakeSnapshotAsync(), Is.True);

        away = await nodes.OpenAsync(1);
        await away.CatchUpAsync();

        Assert.That(await DigestAsync(away), Is.EqualTo(await DigestAsync(writer)));
        Assert.That(
            Directory.GetFiles(nodes.DirectoryOf(1), "*.db").Select(Path.GetFileName),
            Is.EqualTo(new[] { $"{nodes.Name}-2.db" }));
    }

    [Test]
    public async Task Follow_OfANodeThatFallsBehindWhileOpen_StartsFromTheSnapshotAndGoesOn()
    {
        var nodes = With(kept: 0);
        var writer = await nodes.OpenAsync(0);
        await WriteAsync(writer, 0, 5);

        // Its view of the log is held back: another transaction of its database is open.
        var slow = await nodes.OpenAsync(1);
        await slow.CatchUpAsync().WaitAsync(TimeSpan.FromSeconds(30));
        using (var block = Block(slow))
        {
            await WriteAsync(writer, 5, 60, batchesAtOnce: 1).WaitAsync(TimeSpan.FromSeconds(30));
            Assert.That(await writer.TakeSnapshotAsync().WaitAsync(TimeSpan.FromSeconds(30)), Is.True);
        }

        var last = await writer.SynchronizeAsync().WaitAsync(TimeSpan.FromSeconds(30));
        await slow.WaitForAsync(last).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(await DigestAsync(slow), Is.EqualTo(await DigestAsync(writer)));
        var outcome = await slow.WriteAsync(new WriteBatch().Put("t", "after"u8, "x"u8))
            .WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(outcome.IsApplied);
    }

    [Test]
    public async Task OpenAsync_WhileOthersWrite_CatchesUp()
    {
        var nodes = With(kept: 10);
        var writer = await nodes.OpenAsync(0);
        await WriteAsync(writer, 0, 300);
        using var ending = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            for (var i = 300; !ending.IsCancellationRequested; i++)
            {
                await WriteAsync(writer, i, 1);
            }
        });
        Assert.That(await writer.TakeSnapshotAsync(), Is.True);

        var late = await nodes.OpenAsync(1);
        await late.CatchUpAsync();
        await ending.CancelAsync();
        await writing;
        await late.WaitForAsync(await writer.SynchronizeAsync());

        Assert.That(await DigestAsync(late), Is.EqualTo(await DigestAsync(writer)));
    }

    [Test]
    public async Task Nodes_OnTheirOwn_TakeSnapshotsAndCutTheLog()
    {
        await using var nodes = new NodeSet(Nodes.Cluster, static options => Copy(options, kept: 5, after: 20));
        var one = await nodes.OpenAsync(0);
        var other = await nodes.OpenAsync(1);
        for (var round = 0; round < 3; round++)
        {
            await WriteAsync(one, round * 40, 40, batchesAtOnce: 1);
            var sequence = one.AppliedSequence;
            Assert.That(
                () => Math.Max(one.SnapshotSequence, other.SnapshotSequence),
                Is.GreaterThanOrEqualTo(sequence - 20).After(30_000, 100));
        }

        Assert.That(
            async () => (await GetStreamAsync(nodes)).Info.State.FirstSeq, Is.GreaterThan(70).After(10_000, 100));
        await using var connection = nodes.Cluster.Connect();
        var objects = await new NatsJSContext(connection).GetStreamAsync($"OBJ_engine-{nodes.Name}");
        Assert.That(objects.Info.State.Messages, Is.LessThan(20), "objects of old snapshots are deleted");
    }

    [Test]
    public async Task OpenAsync_WhenTheLogWasCutAndThereIsNoSnapshot_SaysSoUntilACompleteNodeHasTakenOne()
    {
        With(kept: 0);
        var writer = await Nodes.OpenAsync(0);
        await WriteAsync(writer, 0, 10);
        await using var connection = Nodes.Cluster.Connect();
        await new NatsJSContext(connection).PurgeStreamAsync(
            $"ENGINE-{Nodes.Name}", new NATS.Client.JetStream.Models.StreamPurgeRequest());

        await writer.DisposeAsync();
        Assert.That(() => Nodes.OpenAsync(1), Throws.TypeOf<SnapshotUnavailableException>());
        writer = await Nodes.OpenAsync(0);
        Assert.That(() => writer.SnapshotSequence, Is.GreaterThan(0).After(20_000, 50));
        var late = await Nodes.OpenAsync(1);
        Assert.That(Read(late, "t", "9"), Is.EqualTo("9"));
    }

    [Test]
    public async Task TakeSnapshotAsync_OnTwoNodesAtOnce_IsDoneByOneOfThem()
    {
        var one = await Nodes.OpenAsync(0);
        var other = await Nodes.OpenAsync(1);
        await WriteAsync(one, 0, 10);
        await other.CatchUpAsync();

        var taken = await Task.WhenAll(one.TakeSnapshotAsync(), other.TakeSnapshotAsync());

        Assert.That(taken, Has.Some.True);
        Assert.That(Math.Max(one.SnapshotSequence, other.SnapshotSequence), Is.EqualTo(one.AppliedSequence));
    }

    private static ReplicaOptions Copy(ReplicaOptions options, ulong kept, ulong after = 1_000_000) => new()
    {
        Name = options.Name,
        Directory = options.Directory,
        Servers = options.Servers,
        NodeName = options.NodeName,
        Replicas = options.Replicas,
        ProbeInterval = options.ProbeInterval,
        WriteTimeout = options.WriteTimeout,
        KeptMessages = kept,
        SnapshotAfterMessages = after,
        SnapshotInterval = TimeSpan.FromMilliseconds(500),
        LeaseDuration = TimeSpan.FromSeconds(3),
        MaxFetchedMessages = 4,
        MaxBackoff = TimeSpan.FromMilliseconds(300),
        RetireDelay = TimeSpan.FromSeconds(1),
        StalePatience = TimeSpan.FromSeconds(3),
    };

    private static async Task WriteAsync(Replica replica, int from, int count, int batchesAtOnce = 8)
    {
        for (var i = from; i < from + count; i += batchesAtOnce)
        {
            await Task.WhenAll(Enumerable.Range(i, Math.Min(batchesAtOnce, from + count - i)).Select(
                n => replica.WriteAsync(new WriteBatch().Put("t", Bytes($"{n}"), Bytes($"{n}")))));
        }
    }

    private static async Task<string> DigestAsync(Replica replica)
    {
        var report = await replica.ComputeDigestAsync();
        return $"{report.Sequence} {report.History} {string.Join(' ', report.Trees)}";
    }

    private static async Task<INatsJSStream> GetStreamAsync(NodeSet nodes)
    {
        await using var connection = nodes.Cluster.Connect();
        return await new NatsJSContext(connection).GetStreamAsync($"ENGINE-{nodes.Name}");
    }

    private NodeSet With(ulong kept)
    {
        Nodes = new NodeSet(Nodes.Cluster, options => Copy(options, kept));
        return Nodes;
    }

    private async Task<ulong> FirstSequenceAsync() => (await GetStreamAsync(Nodes)).Info.State.FirstSeq;
}
