using Engine.Extensions.Nats.Tests.Infrastructure;
using NATS.Client.JetStream;

namespace Engine.Extensions.Nats.Tests.Faults;

/// <summary>How an epoch ends whose servers have lost what the nodes had applied.</summary>
[Category("Process")]
[NonParallelizable]
public class FaultEpochTests
{
    [TestCase(FaultyNode.Command)]
    [TestCase(FaultyFeedNode.Command, Category = "Campaign")]
    public async Task FindLossAsync_OfAStreamThatHasOtherMessages_ExplainsWhatNodesSay(string command)
    {
        NatsCluster.RequireProgram();
        await using var epoch = await FaultEpoch.StartAsync(command, seed: 1);
        Assert.That(() => epoch.History, Has.Count.GreaterThan(20).After(60_000, 100));
        Array.ForEach(epoch.Nodes, static node => node.Kill());
        Assert.That(await epoch.FindLossAsync(), Is.Null);

        await ReplaceStreamAsync(epoch);
        Array.ForEach(epoch.Nodes, static node => node.Start(2));

        Assert.That(() => epoch.LostHistories, Is.Not.Empty.After(60_000, 100));
        var loss = await epoch.FindLossAsync();
        Assert.That(loss?.First, Is.GreaterThan(0));
        Assert.That(
            epoch.LostHistories.All(one => FaultEpoch.Explains(loss!, one)), string.Join('\n', epoch.LostHistories));
        Assert.That(FaultEpoch.Explains(loss!, "Message 0 of the stream is another one"), Is.False);
        Assert.That(FaultEpoch.Explains(loss!, "The database does not say any more which log it follows."), Is.False);
    }

    [TestCase(FaultyNode.Command)]
    [TestCase(FaultyFeedNode.Command, Category = "Campaign")]
    public async Task StoppedNodes_OfWhichOneLacksAWrite_AreFound(string command)
    {
        NatsCluster.RequireProgram();
        await using var epoch = await FaultEpoch.StartAsync(command, seed: 1);
        Assert.That(() => epoch.History, Has.Count.GreaterThan(20).After(60_000, 100));
        Array.ForEach(epoch.Nodes, static node => node.EndClients());
        Assert.That(() => epoch.Nodes.All(static node => node.IsIdle), Is.True.After(60_000, 100));
        Array.ForEach(epoch.Nodes, static node => node.Kill());
        var put = epoch.History.Where(static one => one.Kind == HistoryKind.Put).MinBy(static one => one.Sequence)!;
        var loss = new StreamLoss(
            put.Sequence + 1, put.Sequence + 1, 1, 0, 1, put.Sequence, Common: put.Sequence);

        Assert.That(StoppedNodes.FindProblems(epoch, loss, out var done), Is.Empty, done);

        var writer = Array.FindIndex(epoch.Nodes, node => node.History.Contains(put));
        using (var database = StoppedNodes.Open(epoch, writer)!)
        {
            database.Write(tx => tx[FaultyNode.Tree].Delete(BitConverter.GetBytes(put.Value)));
        }

        Assert.That(StoppedNodes.FindProblems(epoch, loss, out _), Has.Some.Contains("put is lost"));
    }

    /// <summary>As many messages at the same places, which are others.</summary>
    private static async Task ReplaceStreamAsync(FaultEpoch epoch)
    {
        await using var connection = epoch.Cluster.Connect();
        var context = new NatsJSContext(connection);
        var info = (await context.GetStreamAsync($"ENGINE-{epoch.Name}")).Info;
        await context.DeleteStreamAsync(info.Config.Name!);
        await context.CreateStreamAsync(info.Config);
        for (ulong i = 0; i < info.State.LastSeq; i++)
        {
            (await context.PublishAsync(info.Config.Subjects!.First(), "other"u8.ToArray())).EnsureSuccess();
        }
    }
}
