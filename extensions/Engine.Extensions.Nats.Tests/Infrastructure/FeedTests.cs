namespace Engine.Extensions.Nats.Tests.Infrastructure;

/// <summary>Tests of a primary with followers, on the cluster that all share.</summary>
public abstract class FeedTests
{
    private protected FeedSet Nodes { get; private set; } = null!;

    [SetUp]
    public async Task MakeNodes() => Nodes = new FeedSet(await SharedCluster.GetAsync());

    [TearDown]
    public async Task DisposeNodes()
    {
        if (Nodes is not null)
        {
            await Nodes.DisposeAsync();
        }
    }
}
