namespace Engine.Extensions.Nats.Tests.Faults;

/// <summary>
/// Clients on three nodes write and read while nodes and servers are killed, paused and cut off at random; then all
/// nodes must have the same, and all that clients saw must be explained by it.
/// </summary>
[Category("Process")]
[NonParallelizable]
public class FaultTests
{
    [Test]
    public Task Histories_UnderFaultsOfAllKinds_AreExplainedByTheFinalState() => FaultCampaign.RunAsync(
        FaultyNode.Command,
        static epoch =>
        {
            Assert.That(
                () => epoch.Nodes.All(static node => !node.History.IsEmpty), Is.True.After(60_000, 100));
            return Task.CompletedTask;
        },
        CheckAsync);

    private static async Task CheckAsync(FaultEpoch epoch)
    {
        await using var last = await FaultyNode.OpenAsync(
            epoch.Name, epoch.DirectoryOf(FaultEpoch.NodeCount), epoch.Cluster.Urls, "last");
        await last.CatchUpAsync();
        await using var connection = epoch.Cluster.Connect();
        var report = await ReplicaInspector.AskAsync(
            connection, epoch.Name, withDigests: true, TimeSpan.FromSeconds(30));
        FaultMaking.RequireDigests(report, FaultEpoch.NodeCount + 1);
        TestContext.Out.WriteLine($"{report.LastSequence} messages, of which the witness has {epoch.Messages}");

        Assert.That(report.AreEqual, string.Join('\n', report.Digests));
        Assert.That(
            HistoryChecker.Check(
                epoch.History, FaultyNode.CounterOf(last), StoppedNodes.KeysOf(last.CurrentDatabase)),
            Is.Empty);
    }
}
