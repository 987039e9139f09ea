using System.Text;
using Engine.Extensions.Nats.Tests.Infrastructure;
using static Engine.Extensions.Nats.Tests.Infrastructure.NodeSet;

namespace Engine.Extensions.Nats.Tests.Sharding;

/// <summary>The shards of a node, read together in the order of keys.</summary>
[Category("Process")]
public class ShardScanTests : ShardTests
{
    [Test]
    public async Task Scan_OverAllShards_IsInTheOrderOfKeys()
    {
        var node = await Nodes.OpenAsync(0, 0, 1, 2, 3);
        var keys = Enumerable.Range(0, 300).Select(static i => $"p{i}/x").ToList();
        await Task.WhenAll(keys.Select(key => node.WriteAsync(
            new WriteBatch().Put("t", Bytes(key), new byte[key.Length * 300]))));
        await node.WriteAsync(new WriteBatch().Put("t", "p7/large"u8, new byte[200 * 1024]));
        keys.Add("p7/large");
        keys.Sort(StringComparer.Ordinal);

        using var snapshot = node.OpenSnapshot();
        await node.WriteAsync(new WriteBatch().Put("t", "p0/later"u8, "x"u8));

        Assert.That(Read(snapshot.Scan("t")), Is.EqualTo(keys));
        Assert.That(
            Read(snapshot.Scan("t", Bytes("p2"), Bytes("p3"))),
            Is.EqualTo(keys.Where(static key => key.StartsWith("p2", StringComparison.Ordinal))));
        Assert.That(Read(snapshot.Scan("none")), Is.Empty);
        foreach (var entry in snapshot.Scan("t"))
        {
            var length = Encoding.UTF8.GetString(entry.Key) == "p7/large" ? 200 * 1024 : entry.Key.Length * 300;
            Assert.That(entry.Value.Length, Is.EqualTo(length));
            Assert.That(entry.Shard, Is.EqualTo(node.ShardOf(entry.Key)));
        }
    }

    [Test]
    public async Task Scan_AfterTheSnapshotIsDisposed_SaysSo()
    {
        var node = await Nodes.OpenAsync(0, 0, 1);
        await node.WriteAsync(new WriteBatch().Put("t", Bytes(ShardNodeSet.KeyIn(node, 0)), "x"u8));
        var snapshot = node.OpenSnapshot();
        snapshot.Dispose();

        Assert.That(() => Read(snapshot.Scan("t")), Throws.TypeOf<ObjectDisposedException>());
    }

    private static List<string> Read(ShardScan scan)
    {
        var keys = new List<string>();
        foreach (var (key, _) in scan)
        {
            keys.Add(Encoding.UTF8.GetString(key));
        }

        return keys;
    }
}
