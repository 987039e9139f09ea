using System.Globalization;
using Engine.Extensions.Nats.Following;
using Engine.Extensions.Nats.State;
using Engine.Extensions.Nats.Tests.Infrastructure;

namespace Engine.Extensions.Nats.Tests.Faults;

/// <summary>
/// Checks the databases of nodes that have ended, without servers: what is before the first message that the servers
/// have lost must be on all nodes that have come so far, and nodes that applied the same messages must have the same.
/// </summary>
internal static class StoppedNodes
{
    /// <returns>What was checked.</returns>
    public static string Check(FaultEpoch epoch, StreamLoss loss)
    {
        var before = HistoryChecker.UpTo(epoch.History, loss.Common);
        var digests = new List<DigestReport>();
        var checkedNodes = 0;
        for (var node = 0; node < FaultEpoch.NodeCount; node++)
        {
            var directory = new ReplicaDirectory(epoch.DirectoryOf(node), epoch.Name);
            if (!Directory.Exists(epoch.DirectoryOf(node)) || !directory.HasDatabase)
            {
                continue;
            }

            using var database = Database.Open(directory.Current);
            var feed = FeedTrees.TryRead(database);
            if (feed is not { HasLed: true })
            {
                digests.Add(ReplicaInspector.ReadDigest(database, $"node-{node}"));
            }

            if (before.Count > 0 && (feed?.Progress.Log.Applied ?? digests[^1].Sequence) >= loss.Common)
            {
                checkedNodes++;
                Assert.That(
                    HistoryChecker.Check(before, CounterOf(database), KeysOf(database)),
                    Is.Empty,
                    $"node-{node} lacks what the servers have");
            }
        }

        var pairs = 0;
        foreach (var alike in digests.GroupBy(static digest => (digest.Sequence, digest.History)))
        {
            foreach (var other in alike.Skip(1))
            {
                pairs++;
                Assert.That(other.DifferencesFrom(alike.First()), Is.Empty, $"{alike.First()}\n{other}");
            }
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"Checked: {before.Count} of {epoch.History.Count} events on {checkedNodes} nodes, digests of {pairs} pairs");
    }

    public static long CounterOf(Database database) => long.Parse(
        FeedSet.Read(database, FaultyNode.Tree, FaultyNode.CounterKey) ?? "0", CultureInfo.InvariantCulture);

    public static HashSet<long> KeysOf(Database database)
    {
        var keys = new HashSet<long>();
        using var read = database.BeginRead();
        foreach (var (key, _) in read[database.GetTree(FaultyNode.Tree)].All())
        {
            if (key.Length == sizeof(long))
            {
                keys.Add(BitConverter.ToInt64(key));
            }
        }

        return keys;
    }
}
