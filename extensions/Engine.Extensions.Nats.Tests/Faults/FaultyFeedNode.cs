using System.Diagnostics;
using System.Globalization;
using System.Text;
using static Engine.Extensions.Nats.Tests.Infrastructure.FeedSet;

namespace Engine.Extensions.Nats.Tests.Faults;

/// <summary>
/// A node with clients of its own, which write when it is the primary, in a process that may be killed at any time. It
/// writes what its clients saw line by line, and ends with the end of its input.
/// </summary>
internal static class FaultyFeedNode
{
    public const string Command = "feed-node";

    private const int Clients = 3;

    public static async Task RunAsync(string name, string directory, string servers, string node, int seed)
    {
        await using var feed = await OpenAsync(OptionsOf(name, directory, servers, node));
        feed.RoleChanged += (_, _) => Console.WriteLine($"role {feed.Role}");
        Console.WriteLine($"role {feed.Role}");
        await FaultyNode.RunClientsAsync(
            Clients,
            (client, ending) => RunClientAsync(feed, new Random(seed + client), ending),
            () => feed.Status is { State: ReplicaState.Failed, Trouble: { } trouble } ? trouble : null);
    }

    public static FeedNodeOptions OptionsOf(string name, string directory, string servers, string node) => new()
    {
        Name = name,
        Directory = directory,
        Servers = servers,
        NodeName = node,
        ProbeInterval = TimeSpan.FromMilliseconds(300),
        RequestTimeout = TimeSpan.FromSeconds(1),
        WriteTimeout = TimeSpan.FromSeconds(5),
        SnapshotInterval = TimeSpan.FromSeconds(2),
        SnapshotAfterMessages = 100,
        KeptMessages = 10,
        LeaseDuration = TimeSpan.FromSeconds(3),
        PrimaryLease = TimeSpan.FromSeconds(2),
        MaxMessageBytes = 4096,
        MaxBackoff = TimeSpan.FromMilliseconds(500),
    };

    public static long CounterOf(FeedNode node) =>
        long.Parse(Read(node, FaultyNode.Tree, FaultyNode.CounterKey) ?? "0", CultureInfo.InvariantCulture);

    /// <summary>Servers may be down, or without a leader, for a while.</summary>
    public static async Task<FeedNode> OpenAsync(FeedNodeOptions options)
    {
        while (true)
        {
            try
            {
                return await FeedNode.OpenAsync(options);
            }
            catch (Exception e) when (e is NoServerException or NoQuorumException or SnapshotUnavailableException)
            {
                await Task.Delay(200);
            }
        }
    }

    private static async Task RunClientAsync(FeedNode node, Random random, CancellationToken ending)
    {
        while (!ending.IsCancellationRequested)
        {
            if (node.Role != FeedRole.Primary)
            {
                await Task.Delay(20, CancellationToken.None);
                continue;
            }

            await WriteAsync(node, random);
        }
    }

    private static async Task WriteAsync(FeedNode node, Random random)
    {
        var start = Stopwatch.GetTimestamp();
        var epoch = node.Status.Epoch;
        var key = random.NextInt64();
        long counter = 0;
        try
        {
            var state = await node.WriteAsync(tx =>
            {
                var tree = tx[tx.CreateTree(FaultyNode.Tree)];
                counter = CounterOf(tree) + 1;
                tree.Put("counter"u8, Encoding.UTF8.GetBytes($"{counter}"));

                // Some are larger than a message.
                tree.Put(BitConverter.GetBytes(key), new byte[random.Next(10) == 0 ? 20_000 : 10]);
            });
            var end = Stopwatch.GetTimestamp();
            var status = node.Status;
            var isSame = status.Epoch == epoch && status.Role == FeedRole.Primary;

            // It is in the stream by what this node has published now, if that is still what it had written to.
            FaultyNode.Tell(new HistoryEvent(
                HistoryKind.Put, start, end, key, isSame ? status.AppliedSequence : long.MaxValue));
            if (isSame)
            {
                FaultyNode.Tell(new HistoryEvent(HistoryKind.Increment, start, end, counter, (epoch << 40) + state));
            }
        }
        catch (Exception e) when (e is NotPrimaryException or PublishTimeoutException or ObjectDisposedException)
        {
            // It may be in the history or not.
        }
    }

    private static long CounterOf(TreeWriter tree) => tree.Get("counter"u8) is { } bytes
        ? long.Parse(bytes, CultureInfo.InvariantCulture)
        : 0;
}
