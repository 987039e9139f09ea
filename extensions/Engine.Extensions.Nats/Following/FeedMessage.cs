using System.Buffers;
using System.Buffers.Binary;
using Engine.Extensions.Nats.Log;

namespace Engine.Extensions.Nats.Following;

/// <summary>
/// A message of a feed: <c>E F</c>, version, kind, epoch, the message that it follows, and what its kind has;
/// docs/replication.md has the bytes.
/// </summary>
internal readonly ref struct FeedMessage
{
    public const byte Version = 1;

    /// <summary>What a part has beside its bytes, at most.</summary>
    public const int Overhead = 64;

    private const int HeaderLength = 4;
    private const int GuidLength = 16;
    private const byte IsLastFlag = 1;
    private const byte IsFullFlag = 2;

    public FeedKind Kind { get; private init; }

    public ulong Epoch { get; private init; }

    /// <summary>
    /// Sequence of the epoch's or state's message before this one: it counts only if that was the last.
    /// </summary>
    public ulong After { get; private init; }

    /// <summary>Of an epoch, the message before it, whatever that was, and the digest of all up to there.</summary>
    public ulong Last { get; private init; }

    public UInt128 History { get; private init; }

    /// <summary>Of an epoch, the database that becomes the primary's.</summary>
    public Guid Node { get; private init; }

    /// <summary>
    /// Of an epoch, who claimed it: another one for each attempt, so that no copy of a database leads, too.
    /// </summary>
    public Guid Claim { get; private init; }

    /// <summary>Of an epoch, the state that it begins with; of a part, the one that it leads to.</summary>
    public ulong StateId { get; private init; }

    /// <summary>Of a part, its number among those of its state, from 0.</summary>
    public ulong Part { get; private init; }

    public bool IsLast { get; private init; }

    /// <summary>Of a part, whether the state is told as a whole, and not by what is different.</summary>
    public bool IsFull { get; private init; }

    /// <summary>Of a part, its bytes; of a mark, where digests are sent to.</summary>
    public ReadOnlySpan<byte> Payload { get; private init; }

    public static byte[] OfEpoch(
        ulong epoch, ulong after, ulong last, UInt128 history, ulong stateId, Guid node, Guid claim, string name)
    {
        var target = new ArrayBufferWriter<byte>();
        WriteHeader(target, FeedKind.Epoch, epoch, after);
        Leb128.Write(target, last);
        Leb128.Write(target, stateId);
        Span<byte> ids = stackalloc byte[3 * GuidLength];
        BinaryPrimitives.WriteUInt128LittleEndian(ids, history);
        node.TryWriteBytes(ids[GuidLength..]);
        claim.TryWriteBytes(ids[(2 * GuidLength)..]);
        target.Write(ids);
        Leb128.WriteBytes(target, BatchEncoding.Names.GetBytes(name));
        return target.WrittenSpan.ToArray();
    }

    public static byte[] OfPart(
        ulong epoch, ulong after, ulong stateId, ulong part, bool isLast, bool isFull, ReadOnlySpan<byte> payload)
    {
        var target = new ArrayBufferWriter<byte>(Overhead + payload.Length);
        WriteHeader(target, FeedKind.Part, epoch, after);
        Leb128.Write(target, stateId);
        Leb128.Write(target, part);
        target.Write([(byte)((isLast ? IsLastFlag : 0) | (isFull ? IsFullFlag : 0))]);
        target.Write(payload);
        return target.WrittenSpan.ToArray();
    }

    public static byte[] OfMark(string replyTo)
    {
        var target = new ArrayBufferWriter<byte>();
        WriteHeader(target, FeedKind.Mark, 0, 0);
        target.Write(BatchEncoding.Names.GetBytes(replyTo));
        return target.WrittenSpan.ToArray();
    }

    /// <exception cref="ReplicaVersionException">A newer version wrote it.</exception>
    public static FeedMessage Read(ReadOnlySpan<byte> bytes, ulong sequence)
    {
        var reader = new MessageReader(bytes);
        var header = reader.ReadFixed(HeaderLength);
        if (header.IsEmpty || header[0] != (byte)'E' || header[1] != (byte)'F')
        {
            return default;
        }

        var kind = (FeedKind)header[3];
        if (header[2] > Version || kind is not (FeedKind.Epoch or FeedKind.Part or FeedKind.Mark))
        {
            throw new ReplicaVersionException(
                $"Message {sequence} of the feed has version {header[2]} and kind {header[3]}, and this node knows "
                + $"version {Version}: the primary has a newer version of this package. Update this node.");
        }

        var message = new FeedMessage { Kind = kind, Epoch = reader.ReadNumber(), After = reader.ReadNumber() };
        message = kind switch
        {
            FeedKind.Epoch => message.ReadEpoch(ref reader),
            FeedKind.Part => message.ReadPart(ref reader),
            _ => message with { Payload = bytes[reader.Position..] },
        };
        return reader.IsMalformed ? default : message;
    }

    private static void WriteHeader(ArrayBufferWriter<byte> target, FeedKind kind, ulong epoch, ulong after)
    {
        target.Write([(byte)'E', (byte)'F', Version, (byte)kind]);
        Leb128.Write(target, epoch);
        Leb128.Write(target, after);
    }

    private FeedMessage ReadEpoch(scoped ref MessageReader reader)
    {
        var last = reader.ReadNumber();
        var stateId = reader.ReadNumber();
        var ids = reader.ReadFixed(3 * GuidLength);
        return ids.IsEmpty ? this : this with
        {
            Last = last,
            StateId = stateId,
            History = BinaryPrimitives.ReadUInt128LittleEndian(ids),
            Node = new Guid(ids.Slice(GuidLength, GuidLength)),
            Claim = new Guid(ids[(2 * GuidLength)..]),
        };
    }

    private FeedMessage ReadPart(scoped ref MessageReader reader)
    {
        var stateId = reader.ReadNumber();
        var part = reader.ReadNumber();
        var flags = reader.ReadByte();
        return this with
        {
            StateId = stateId,
            Part = part,
            IsLast = (flags & IsLastFlag) != 0,
            IsFull = (flags & IsFullFlag) != 0,
            Payload = reader.ReadRest(),
        };
    }
}
