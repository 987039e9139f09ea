using Engine.Extensions.Nats.Log;
using Engine.Extensions.Nats.Tests.Infrastructure;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using OrdersCluster.Launching;
using static Engine.Extensions.Nats.Tests.Infrastructure.NodeSet;

namespace Engine.Extensions.Nats.Tests;

/// <summary>Each thing that can be wrong has an exception of its own, which says what to do.</summary>
[Category("Process")]
public class ErrorTests : NodeTests
{
    [Test]
    public void OpenAsync_WithoutAServer_SaysSo() => Assert.That(
        () => Replica.OpenAsync(new ReplicaOptions
        {
            Name = "none",
            Directory = Nodes.DirectoryOf(0),
            Servers = $"nats://127.0.0.1:{Ports.Take()}",
            ConnectTimeout = TimeSpan.FromSeconds(1),
        }),
        Throws.TypeOf<NoServerException>().With.Message.Contains("Start one"));

    [Test]
    public void MissingAnswer_IsAnEnd_OnlyOfWhatIsCancelled()
    {
        var missing = new NatsJSException("No response received from the server");
        using var ending = new CancellationTokenSource();

        Assert.That(Failures.IsEnd(missing, ending.Token), Is.False);
        Assert.That(Failures.IsEnd(new OperationCanceledException(), ending.Token));
        ending.Cancel();
        Assert.That(Failures.IsEnd(missing, ending.Token));
        Assert.That(Failures.IsEnd(new InvalidOperationException(), ending.Token), Is.False);
    }

    [Test]
    public void OpenAsync_WithoutAStreamThatMayBeMade_SaysSo()
    {
        var options = new ReplicaOptions
        {
            Name = Nodes.Name,
            Directory = Nodes.DirectoryOf(0),
            Servers = Nodes.Cluster.Urls,
            CreateStream = false,
        };

        Assert.That(() => Replica.OpenAsync(options), Throws.TypeOf<StreamNotFoundException>());
    }

    [Test]
    public async Task OpenAsync_OfAStreamThatIsNoLog_SaysSo()
    {
        await using var connection = Nodes.Cluster.Connect();
        await new NatsJSContext(connection).CreateStreamAsync(
            new StreamConfig($"ENGINE-{Nodes.Name}", [$"other.{Nodes.Name}"]) { Description = "mine" });

        Assert.That(() => Nodes.OpenAsync(0), Throws.TypeOf<StreamMismatchException>().With.Message.Contains("mine"));
    }

    [Test]
    public async Task OpenAsync_OfAStreamOfANewerVersion_SaysSo()
    {
        await using var connection = Nodes.Cluster.Connect();
        await new NatsJSContext(connection).CreateStreamAsync(
            new StreamConfig($"ENGINE-{Nodes.Name}", [$"other.{Nodes.Name}"]) { Description = "engine-log 2 more" });

        Assert.That(() => Nodes.OpenAsync(0), Throws.TypeOf<ReplicaVersionException>());
    }

    [Test]
    public async Task OpenAsync_OfADirectoryOfAnotherLog_SaysSo()
    {
        var node = await Nodes.OpenAsync(0);
        await node.WriteAsync(new WriteBatch().Put("t", "a"u8, "1"u8));
        await node.DisposeAsync();
        await DeleteStreamAsync();

        Assert.That(() => Nodes.OpenAsync(0), Throws.TypeOf<StreamMismatchException>());
    }

    [Test]
    public async Task OpenAsync_OfADatabaseThatIsNoReplica_SaysSo()
    {
        Directory.CreateDirectory(Nodes.DirectoryOf(0));
        using (var database = Database.Open(Path.Combine(Nodes.DirectoryOf(0), $"{Nodes.Name}-1.db")))
        {
            database.Write(static tx => tx.Main.Put("a"u8, "1"u8));
        }

        Assert.That(() => Nodes.OpenAsync(0), Throws.TypeOf<StreamMismatchException>());
    }

    [Test]
    public async Task OpenAsync_AfterAnotherHistory_SaysSo()
    {
        var node = await Nodes.OpenAsync(0);
        await node.WriteAsync(new WriteBatch().Put("t", "a"u8, "1"u8));
        var stream = await GetStreamAsync();
        await node.DisposeAsync();

        // As if restored from an older copy that went on: the same log, and another message at the same place.
        await ReplaceStreamAsync(stream, stream.Info.State.LastSeq);

        Assert.That(() => Nodes.OpenAsync(0), Throws.TypeOf<ReplicaHistoryException>());
    }

    [Test]
    public async Task OpenAsync_OfAStreamThatLostMessages_SaysSo()
    {
        var node = await Nodes.OpenAsync(0);
        await node.WriteAsync(new WriteBatch().Put("t", "a"u8, "1"u8));
        var stream = await GetStreamAsync();
        await node.DisposeAsync();
        await DeleteStreamAsync();
        await using var connection = Nodes.Cluster.Connect();
        await new NatsJSContext(connection).CreateStreamAsync(stream.Info.Config);

        Assert.That(
            () => Nodes.OpenAsync(0),
            Throws.TypeOf<ReplicaHistoryException>().With.Message.Contains("lost messages"));
    }

    [Test]
    public async Task Follow_OfAStreamThatGoesOnWithAnotherHistory_StopsAndSaysSo()
    {
        using var proxy = new PortProxy(Nodes.Cluster.Servers[0].ClientPort);
        await using var node = await Replica.OpenAsync(new ReplicaOptions
        {
            Name = Nodes.Name,
            Directory = Nodes.DirectoryOf(0),
            Servers = $"nats://127.0.0.1:{proxy.Port}",
            ProbeInterval = TimeSpan.FromMilliseconds(300),
        });
        await node.WriteAsync(new WriteBatch().Put("t", "a"u8, "1"u8));
        var stream = await GetStreamAsync();
        proxy.Cut();
        await ReplaceStreamAsync(stream, stream.Info.State.LastSeq + 5);
        proxy.Mend();

        Assert.That(() => node.Status.State, Is.EqualTo(ReplicaState.Failed).After(60_000, 100));
        Assert.That(node.Status.Trouble, Is.TypeOf<ReplicaHistoryException>());
        Assert.That(Read(node, "t", "a"), Is.EqualTo("1"), "what was applied can be read");
    }

    [Test]
    public async Task WriteAsync_AfterTheStreamWasDeleted_FailsAndSaysSo()
    {
        var node = await Nodes.OpenAsync(0);
        await node.WriteAsync(new WriteBatch().Put("t", "a"u8, "1"u8));

        await DeleteStreamAsync();

        Assert.That(
            () => node.WriteAsync(new WriteBatch().Put("t", "b"u8, "2"u8)),
            Throws.TypeOf<StreamNotFoundException>());
        Assert.That(node.Status.State, Is.EqualTo(ReplicaState.Failed));
        Assert.That(Read(node, "t", "a"), Is.EqualTo("1"), "what was applied can be read");
    }

    [Test]
    public async Task WriteAsync_OfABatchLargerThanAMessage_SaysSoAndWritesNothing()
    {
        var node = await Nodes.OpenAsync(0);

        Assert.That(
            () => node.WriteAsync(new WriteBatch().Put("t", "a"u8, new byte[300 * 1024])),
            Throws.TypeOf<BatchTooLargeException>().With.Message.Contains("Split"));
        Assert.That(
            () => node.WriteAsync(new WriteBatch().Put("t", new byte[5000], "a"u8)),
            Throws.TypeOf<KeyTooLongException>());
        await node.WriteAsync(new WriteBatch().Put("t", "b"u8, new byte[200 * 1024]));
        Assert.That(Read(node, "t", "a"), Is.Null);
    }

    [Test]
    public async Task Follow_OfAMessageOfANewerVersion_StopsAndSaysSo()
    {
        var node = await Nodes.OpenAsync(0);
        await node.WriteAsync(new WriteBatch().Put("t", "a"u8, "1"u8));
        var message = Envelope.OfMark("nowhere");
        message[2]++;
        await using var connection = Nodes.Cluster.Connect();
        await new NatsJSContext(connection).PublishAsync($"engine.{Nodes.Name}.log", message);

        Assert.That(
            () => node.WriteAsync(new WriteBatch().Put("t", "b"u8, "1"u8)), Throws.TypeOf<ReplicaVersionException>());
    }

    [Test]
    public async Task WriteAsync_AfterDispose_SaysSo()
    {
        var node = await Nodes.OpenAsync(0);
        await node.DisposeAsync();

        Assert.That(() => node.WriteAsync(new WriteBatch()), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => { using var read = node.BeginRead(); }, Throws.TypeOf<ObjectDisposedException>());
    }

    [TestCase("")]
    [TestCase("with blank")]
    [TestCase("a.b")]
    public void OpenAsync_OfABadName_SaysSo(string name) => Assert.That(
        () => Replica.OpenAsync(new ReplicaOptions { Name = name, Directory = "x" }),
        Throws.InstanceOf<ArgumentException>());

    [Test]
    public void WriteBatch_WithAReservedOrLongName_SaysSo()
    {
        Assert.That(() => new WriteBatch().Put("engine:replica", "a"u8, "1"u8), Throws.ArgumentException);
        Assert.That(() => new WriteBatch().Delete(new string('x', 201), "a"u8), Throws.ArgumentException);
    }

    private async Task<INatsJSStream> GetStreamAsync()
    {
        await using var connection = Nodes.Cluster.Connect();
        return await new NatsJSContext(connection).GetStreamAsync($"ENGINE-{Nodes.Name}");
    }

    private async Task ReplaceStreamAsync(INatsJSStream stream, ulong messages)
    {
        await DeleteStreamAsync();
        await using var connection = Nodes.Cluster.Connect();
        var context = new NatsJSContext(connection);
        await context.CreateStreamAsync(stream.Info.Config);
        for (ulong i = 0; i < messages; i++)
        {
            await context.PublishAsync(stream.Info.Config.Subjects!.First(), "other"u8.ToArray());
        }
    }

    private async Task DeleteStreamAsync()
    {
        await using var connection = Nodes.Cluster.Connect();
        await new NatsJSContext(connection).DeleteStreamAsync($"ENGINE-{Nodes.Name}");
    }
}
