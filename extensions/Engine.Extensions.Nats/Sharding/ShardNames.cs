using System.Globalization;

namespace Engine.Extensions.Nats.Sharding;

/// <summary>Names in NATS and on disk, made of the name of a sharded database.</summary>
internal sealed class ShardNames(string name)
{
    /// <summary>Room for <c>-s4095</c>.</summary>
    private const int MaxLength = 58;

    private const string FolderPrefix = "shard-";

    public string Database => name;

    /// <summary>The bucket with the layout and the map; no name of a replica makes the same.</summary>
    public string Bucket => $"engine_shards-{name}";

    /// <summary>Name of the replicated database that is a shard.</summary>
    public string ReplicaOf(int shard) => string.Create(CultureInfo.InvariantCulture, $"{name}-s{shard}");

    /// <summary>Where a node takes writes for a shard that others do not hold.</summary>
    public string WriteSubject(int shard, string node) => $"engine.{ReplicaOf(shard)}.write.{node}";

    public static string FolderOf(int shard) =>
        string.Create(CultureInfo.InvariantCulture, $"{FolderPrefix}{shard:d4}");

    /// <summary>The shards of which a node's directory has something.</summary>
    public static IEnumerable<int> FindShards(string directory) => Directory.Exists(directory)
        ? Directory.EnumerateDirectories(directory, $"{FolderPrefix}*")
            .Select(static path => Path.GetFileName(path)[FolderPrefix.Length..])
            .Where(static digits => digits.All(char.IsAsciiDigit) && digits.Length > 0)
            .Select(static digits => int.Parse(digits, CultureInfo.InvariantCulture))
        : [];

    public static void Validate(string name)
    {
        ReplicaNames.Validate(name);
        if (name.Length > MaxLength)
        {
            throw new ArgumentException(
                $"'{name}' is too long for a sharded database: at most {MaxLength} characters.", nameof(name));
        }
    }

    public static void ValidateNode(string node)
    {
        ReplicaNames.Validate(node);
        if (node == ReplicaOptions.DefaultNodeName)
        {
            throw new ArgumentException(
                "The map says by name which node holds which shards: give the node one that stays the same when it "
                + "starts anew (ReplicaOptions.NodeName), of letters, digits, '-' and '_'.",
                nameof(node));
        }
    }
}
