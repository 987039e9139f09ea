using System.Buffers.Binary;
using System.Globalization;

namespace Engine.Extensions.Nats.State;

/// <summary>Which log it is: kept in the description of the stream, and in every database that follows it.</summary>
/// <param name="Id">Made with the stream.</param>
/// <param name="PageSize">Page size of the databases, in bytes.</param>
/// <param name="Shard">
/// Of a shard, which one of which sharded database: the layout's id, its number and how many there are. Empty
/// otherwise, and where a database says it, which has the id alone.
/// </param>
/// <param name="IsFeed">
/// Whether it has what a primary has committed, and not batches that all nodes decide on.
/// </param>
internal readonly record struct LogIdentity(Guid Id, int PageSize, string Shard = "", bool IsFeed = false)
{
    public const int Length = 24;

    public const int Version = 1;

    private const string LogWord = "engine-log";
    private const string FeedWord = "engine-feed";

    /// <summary>The description of a stream; the servers of today have no metadata.</summary>
    public string Description => string.Create(
        CultureInfo.InvariantCulture, $"{(IsFeed ? FeedWord : LogWord)} {Version} {Id} {PageSize} {Shard}").TrimEnd();

    /// <exception cref="StreamMismatchException">It is no log.</exception>
    /// <exception cref="ReplicaVersionException">It is one of a newer version.</exception>
    public static LogIdentity Parse(string stream, string? description)
    {
        var words = (description ?? string.Empty).Split(' ');
        if (words is not [LogWord or FeedWord, var number, ..]
            || !int.TryParse(number, CultureInfo.InvariantCulture, out var version))
        {
            throw new StreamMismatchException(
                $"The stream {stream} was not made by this package: its description is '{description}'. "
                + "Give the replica another name, or delete the stream.");
        }

        RequireKnown(version, $"The stream {stream}");
        return words.Length is 4 or 5
            && Guid.TryParse(words[2], out var id)
            && int.TryParse(words[3], CultureInfo.InvariantCulture, out var pageSize)
                ? new LogIdentity(
                    id, pageSize, words.Length == 5 ? words[4] : string.Empty, words[0] == FeedWord)
                : throw new StreamMismatchException(
                    $"The description of the stream {stream} was changed to '{description}'. Restore it.");
    }

    public static LogIdentity Read(ReadOnlySpan<byte> bytes, bool isFeed = false)
    {
        RequireKnown(BinaryPrimitives.ReadInt32LittleEndian(bytes), "The database");
        return new LogIdentity(
            new Guid(bytes.Slice(8, 16)), BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]), IsFeed: isFeed);
    }

    /// <exception cref="ShardLayoutException">The stream is another shard, or is one and should not be.</exception>
    public void RequireShard(string stream, string shard)
    {
        if (Shard == shard)
        {
            return;
        }

        throw new ShardLayoutException(Shard.Length == 0
            ? $"The stream {stream} is that of a database that is not sharded. Give the sharded one another name."
            : $"The stream {stream} is the shard {Shard}, and {(shard.Length == 0 ? "no shard" : shard)} was expected. "
                + "Open shards with ShardedReplica, and keep those of different databases apart by their names.");
    }

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], PageSize);
        Id.TryWriteBytes(bytes.Slice(8, 16));
    }

    private static void RequireKnown(int version, string what)
    {
        if (version != Version)
        {
            throw new ReplicaVersionException(
                $"{what} has version {version} of the log, and this package knows {Version}. Update this node.");
        }
    }
}
