using System.Globalization;

namespace Engine.Extensions.Nats.Tests.Sharding;

/// <summary>
/// A node of a sharded database, in a process that may be killed at any time. It opens what its folder has, and holds
/// and releases what the lines of its input say: <c>hold 3</c>, <c>release 3</c>.
/// </summary>
internal static class ShardNodeProgram
{
    public const string Command = "shard-node";

    public static async Task RunAsync(string name, string directory, string servers, string node)
    {
        await using var replica = await ShardedReplica.OpenAsync(OptionsOf(name, directory, servers, node));
        Console.WriteLine($"open {string.Join(' ', replica.Shards.Select(static shard => shard.Number))}".TrimEnd());
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var words = line.Split(' ');
            var shard = int.Parse(words[1], CultureInfo.InvariantCulture);
            Console.WriteLine($"begun {line}");
            await (words[0] == "hold" ? replica.HoldAsync(shard) : replica.ReleaseAsync(shard));
            Console.WriteLine($"done {line}");
        }
    }

    public static ShardedReplicaOptions OptionsOf(string name, string directory, string servers, string node) => new()
    {
        Replica = new ReplicaOptions
        {
            Name = name,
            Directory = directory,
            Servers = servers,
            NodeName = node,
            ProbeInterval = TimeSpan.FromMilliseconds(300),
            RequestTimeout = TimeSpan.FromSeconds(1),
            SnapshotInterval = TimeSpan.FromSeconds(2),
            SnapshotAfterMessages = 200,
            KeptMessages = 50,
            LeaseDuration = TimeSpan.FromSeconds(3),
            MaxBackoff = TimeSpan.FromMilliseconds(500),
            WriteTimeout = TimeSpan.FromSeconds(60),
        },
        HolderTimeout = TimeSpan.FromSeconds(20),
    };
}
