namespace Engine.Extensions.Nats.Tests.Infrastructure;

/// <summary>Tests that begin with no node of a stream of their own, on the cluster that all share.</summary>
public abstract class NodeTests
{
    private protected NodeSet Nodes { get; set; } = null!;

    [SetUp]
    public async Task MakeNodes() => Nodes = new NodeSet(await SharedCluster.GetAsync());

    [TearDown]
    public async Task DisposeNodes() => await Nodes.DisposeAsync();
}
