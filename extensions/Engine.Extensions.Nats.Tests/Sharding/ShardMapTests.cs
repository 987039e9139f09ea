using Engine.Extensions.Nats.Sharding;
using Engine.Extensions.Nats.Tests.Infrastructure;

namespace Engine.Extensions.Nats.Tests.Sharding;

/// <summary>Changes of the map at the same time are made one after the other.</summary>
[Category("Process")]
public class ShardMapTests : ShardTests
{
    private const int Changers = 8;
    private const int Rounds = 40;

    [Test]
    public async Task RemoveAsync_OfAllHoldersAtOnce_LeavesOneEachTime()
    {
        var names = new ShardNames(Nodes.Name);
        var proposal = new ShardLayout(Guid.NewGuid(), Shards, 4096, ShardKey.Whole);
        var connections = Enumerable.Range(0, Changers).Select(_ => Nodes.Cluster.Connect()).ToList();
        try
        {
            var first = await OpenAsync();
            var maps = await Task.WhenAll(connections.Select(connection =>
                ShardMap.OpenAsync(connection, names, proposal, 3, CancellationToken.None)));
            for (var round = 0; round < Rounds; round++)
            {
                await Task.WhenAll(maps.Select(static (map, i) => map.AddAsync(1, $"n{i}", CancellationToken.None)));
                Assert.That(await first.GetAsync(1, CancellationToken.None), Has.Count.EqualTo(Changers));

                var removed = await Task.WhenAll(maps.Select(static (map, i) =>
                    map.RemoveAsync(1, $"n{i}", needsAnother: true, CancellationToken.None)));

                Assert.That(removed.Count(static one => one), Is.EqualTo(Changers - 1), $"round {round}");
                Assert.That(await first.GetAsync(1, CancellationToken.None), Has.Count.EqualTo(1));
            }

            // A stream that was just made has no leader yet.
            async Task<ShardMap> OpenAsync()
            {
                while (true)
                {
                    try
                    {
                        return await ShardMap.OpenAsync(connections[0], names, proposal, 3, CancellationToken.None);
                    }
                    catch (NoQuorumException)
                    {
                        await Task.Delay(100);
                    }
                }
            }
        }
        finally
        {
            foreach (var connection in connections)
            {
                await connection.DisposeAsync();
            }
        }
    }
}
