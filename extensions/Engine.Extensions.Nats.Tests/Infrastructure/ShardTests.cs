namespace Engine.Extensions.Nats.Tests.Infrastructure;

/// <summary>Tests that begin with no node of a sharded database of their own, on the cluster that all share.</summary>
public abstract class ShardTests
{
    private protected const int Shards = 4;

    private protected ShardNodeSet Nodes { get; set; } = null!;

    [SetUp]
    public async Task MakeNodes() => Nodes = new ShardNodeSet(await SharedCluster.GetAsync(), Shards);

    [TearDown]
    public async Task DisposeNodes() => await Nodes.DisposeAsync();
}
