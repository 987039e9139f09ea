using Engine.Extensions.Nats.Tests.Infrastructure;

namespace Engine.Extensions.Nats.Tests;

/// <summary>Writes that are not decided in time say why.</summary>
[Category("Process")]
[NonParallelizable]
public class QuorumTests
{
    [Test]
    public async Task WriteAsync_WithTwoOfThreeServersStopped_SaysThatThereIsNoQuorumAndGoesOnAfterwards()
    {
        NatsCluster.RequireProgram();
        using var cluster = await NatsCluster.StartAsync();
        await using var nodes = new NodeSet(cluster, static options => WithTimeout(options, seconds: 8));
        var node = await nodes.OpenAsync(0);
        await node.WriteAsync(new WriteBatch().Put("t", "a"u8, "1"u8));
        cluster.Servers[1].Kill();
        cluster.Servers[2].Kill();
        var batch = new WriteBatch(Guid.NewGuid()).ExpectAbsent("t", "b"u8).Put("t", "b"u8, "2"u8);

        Assert.That(
            () => node.WriteAsync(batch),
            Throws.TypeOf<NoQuorumException>().With.Message.Contains("too few servers")
                .And.Message.Contains("WriteBatch.Id"));
        Assert.That(node.Status.State, Is.EqualTo(ReplicaState.Disconnected));
        Assert.That(NodeSet.Read(node, "t", "a"), Is.EqualTo("1"), "what was applied can be read");

        // Whether the first one came to be or not: it is applied once.
        cluster.Servers[1].Start();
        WriteOutcome? outcome = null;
        for (var attempt = 0; outcome is null && attempt < 12; attempt++)
        {
            try
            {
                outcome = await node.WriteAsync(batch);
            }
            catch (Exception e) when (e is NoQuorumException or NoServerException or WriteTimeoutException)
            {
                // The servers still choose a leader.
            }
        }

        Assert.That(outcome?.IsApplied, Is.True);
    }

    [Test]
    public async Task WriteAsync_OnANodeThatCannotApply_SaysThatItTakesTooLong()
    {
        await using var nodes = new NodeSet(
            await SharedCluster.GetAsync(), static options => WithTimeout(options, seconds: 3));
        var node = await nodes.OpenAsync(0);
        await node.WriteAsync(new WriteBatch().Put("t", "a"u8, "1"u8));
        var batch = new WriteBatch(Guid.NewGuid()).Put("t", "b"u8, "2"u8);
        using (var block = NodeSet.Block(node))
        {
            Assert.That(
                () => node.WriteAsync(batch),
                Throws.TypeOf<WriteTimeoutException>().With.Message.Contains("WriteBatch.Id"));
        }

        Assert.That((await node.WriteAsync(batch)).IsRepeated);
    }

    private static ReplicaOptions WithTimeout(ReplicaOptions options, int seconds) => new()
    {
        Name = options.Name,
        Directory = options.Directory,
        Servers = options.Servers,
        NodeName = options.NodeName,
        ProbeInterval = options.ProbeInterval,
        RequestTimeout = TimeSpan.FromSeconds(1),
        WriteTimeout = TimeSpan.FromSeconds(seconds),
    };
}
