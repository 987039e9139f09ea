using System.Globalization;
using Engine.Extensions.Nats;

namespace Engine.ReplicaTool;

/// <summary><c>shards</c>: asks for the map of a sharded database, and all nodes of all shards.</summary>
internal static class ShardsCommand
{
    public static async Task<int> RunAsync(
        TextWriter output,
        string name,
        string servers,
        bool withDigests,
        TimeSpan wait,
        CancellationToken cancellationToken)
    {
        await using var connection = await Servers.ConnectAsync(servers);
        var report = await ShardInspector.AskAsync(connection, name, withDigests, wait, cancellationToken);
        var layout = report.Layout;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{layout.ShardCount} shards by {layout.Key}, layout {layout.Id}, pages of {layout.PageSize} bytes"));
        foreach (var shard in report.Shards)
        {
            Write(output, shard);
        }

        foreach (var node in report.Shards.SelectMany(static shard => shard.Holders).GroupBy(static node => node)
            .OrderBy(static node => node.Key, StringComparer.Ordinal))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{node.Key}: holds {node.Count()}"));
        }

        var ill = report.Shards.Count(static shard => !shard.IsWell);
        output.WriteLine(ill == 0 ? "all shards are well" : $"{ill} shards are NOT WELL");
        return ill == 0 ? App.Ok : App.Different;
    }

    public static async Task<int> ForgetAsync(
        TextWriter output, string name, string servers, string node, CancellationToken cancellationToken)
    {
        await using var connection = await Servers.ConnectAsync(servers);
        var held = await ShardInspector.ForgetAsync(connection, name, node, cancellationToken);
        output.WriteLine(held.Count == 0
            ? $"{node} holds nothing by the map"
            : $"{node} is taken out of the map; it held {string.Join(", ", held)}");
        return App.Ok;
    }

    private static void Write(TextWriter output, ShardReport shard)
    {
        var mark = shard.IsWell ? string.Empty : " NOT WELL";
        if (shard.Cluster is not { } cluster)
        {
            var who = shard.Holders.Count == 0 ? "nobody" : string.Join(", ", shard.Holders);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{shard.Number}:{mark} held by {who}: {shard.Trouble}"));
            return;
        }

        var nodes = cluster.Nodes.Select(node => Describe(node, cluster, shard))
            .Concat(shard.Silent.Select(static node => $"{node} silent"));
        var digests = cluster.DigestSequence is { } sequence
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"; at {sequence} {(cluster.AreEqual ? "equal" : "NOT EQUAL")} on {cluster.Digests.Count}")
            : string.Empty;
        var holders = string.Join(", ", nodes);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{shard.Number}:{mark} messages {cluster.FirstSequence} to {cluster.LastSequence}; "
            + $"{(holders.Length == 0 ? "held by nobody" : holders)}{digests}"));
    }

    private static string Describe(NodeReport node, ClusterReport cluster, ShardReport shard)
    {
        var lag = cluster.LastSequence > node.AppliedSequence ? cluster.LastSequence - node.AppliedSequence : 0;
        var state = node.State == ReplicaState.Current ? string.Empty : $" {node.State}";
        var trouble = node.Trouble is null ? string.Empty : $" ({node.Trouble})";
        var coming = shard.Holders.Contains(node.Node) ? string.Empty : " not in the map";
        return string.Create(
            CultureInfo.InvariantCulture, $"{node.Node} at {node.AppliedSequence} lag {lag}{state}{trouble}{coming}");
    }
}
