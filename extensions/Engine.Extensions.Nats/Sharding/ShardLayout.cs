using System.Globalization;
using Engine.Pages;

namespace Engine.Extensions.Nats;

/// <summary>
/// How a sharded database is divided: written down when it is made, and never changed. docs/replication.md has it byte
/// by byte, with examples, for programs in other languages. Immutable, thread-safe.
/// </summary>
/// <param name="Id">Made with the database.</param>
/// <param name="ShardCount">How many shards it has, from 1 to <see cref="MaxShards"/>.</param>
/// <param name="PageSize">Page size of all databases, in bytes.</param>
/// <param name="Key">Which part of a key decides.</param>
public sealed record ShardLayout(Guid Id, int ShardCount, int PageSize, ShardKey Key)
{
    /// <summary>The most shards that a database may have.</summary>
    public const int MaxShards = 4096;

    private const string Word = "engine-shards";
    private const int Version = 1;

    /// <summary>The shard of a key.</summary>
    /// <exception cref="InvalidOperationException">
    /// Keys do not say their partition (<see cref="ShardKey.Named"/>).
    /// </exception>
    public int ShardOf(ReadOnlySpan<byte> key) => ShardOfPartition(Key.PartitionOf(key));

    /// <summary>The shard of a partition key: its XXH64, with the seed 0, modulo the number of shards.</summary>
    public int ShardOfPartition(ReadOnlySpan<byte> partition) => (int)(XxHash64.Hash(partition) % (ulong)ShardCount);

    /// <summary>As it is written down.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Word} {Version} {Id} {ShardCount} {PageSize} {Key}");

    /// <summary>What the description of a shard's stream says of it.</summary>
    internal string LabelOf(int shard) =>
        string.Create(CultureInfo.InvariantCulture, $"{Id:N}/{shard}/{ShardCount}");

    /// <exception cref="ShardLayoutException">It is none.</exception>
    /// <exception cref="ReplicaVersionException">It is one of a newer version.</exception>
    internal static ShardLayout Parse(string text)
    {
        var words = text.Split(' ');
        if (words is [Word, var version, ..] && version != Version.ToString(CultureInfo.InvariantCulture))
        {
            throw new ReplicaVersionException(
                $"The layout of the shards has version {version}, and this package knows {Version}. Update this node.");
        }

        return words is [Word, _, var id, var count, var pageSize, var key]
            && Guid.TryParse(id, out var layout)
            && int.TryParse(count, CultureInfo.InvariantCulture, out var shards)
            && int.TryParse(pageSize, CultureInfo.InvariantCulture, out var bytes)
            && shards is >= 1 and <= MaxShards
            && ShardKey.TryParse(key, out var rule)
                ? new ShardLayout(layout, shards, bytes, rule)
                : throw new ShardLayoutException($"The layout of the shards was changed to '{text}'. Restore it.");
    }
}
