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
    /// <param name="epoch">The epoch that has ended.</param>
    /// <param name="loss">What its servers have lost.</param>
    /// <param name="done">What was checked.</param>
    /// <returns>What is wrong; nothing if nothing is.</returns>
    public static List<string> FindProblems(FaultEpoch epoch, StreamLoss loss, out string done)
    {
        var problems = new List<string>();
        var before = HistoryChecker.UpTo(epoch.History, loss.Common);
        var digests = new List<DigestReport>();
        var nodes = 0;
        for (var node = 0; node < FaultEpoch.NodeCount; node++)
        {
            using var database = Open(epoch, node);
            if (database is null)
            {
                continue;
            }

            // What a primary has committed is more than what it has published.
            var feed = FeedTrees.TryRead(database);
            if (feed is not { HasLed: true })
            {
                digests.Add(ReplicaInspector.ReadDigest(database, $"node-{node}"));
            }

            if (before.Count > 0 && (feed?.Progress.Log.Applied ?? digests[^1].Sequence) >= loss.Common)
            {
                nodes++;
                problems.AddRange(HistoryChecker.Check(before, CounterOf(database), KeysOf(database))
                    .Select(problem => $"node-{node}: {problem}"));
            }
        }

        var pairs = 0;
        foreach (var alike in digests.GroupBy(static digest => (digest.Sequence, digest.History)))
        {
            foreach (var other in alike.Skip(1))
            {
                pairs++;
                problems.AddRange(other.DifferencesFrom(alike.First()).Select(
                    tree => $"{tree} differs on {alike.First().Node} and {other.Node} at {other.Sequence}"));
            }
        }

        done = string.Create(
            CultureInfo.InvariantCulture,
            $"Checked: {before.Count} of {epoch.History.Count} events on {nodes} nodes, digests of {pairs} pairs");
        return problems;
    }

    /// <summary>The database of a node that has ended; null if it had none yet.</summary>
    public static Database? Open(FaultEpoch epoch, int node)
    {
        var folder = epoch.DirectoryOf(node);
        var directory = new ReplicaDirectory(folder, epoch.Name);
        return Directory.Exists(folder) && directory.HasDatabase ? Database.Open(directory.Current) : null;
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
