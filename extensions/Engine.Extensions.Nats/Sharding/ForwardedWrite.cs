using System.Buffers.Binary;
using System.Text;

namespace Engine.Extensions.Nats.Sharding;

/// <summary>
/// A batch on its way to a node that holds the shard, and the answer. A request is <c>E W</c>, version, 0, the layout's
/// id, and the batch as in the log; an answer is <c>E W</c>, version, <see cref="ForwardedReply"/>, and what that
/// needs.
/// </summary>
internal static class ForwardedWrite
{
    private const byte Version = 1;
    private const int HeaderLength = 4;
    private const int RequestLength = HeaderLength + 16;
    private const int OutcomeLength = HeaderLength + 14;

    public static byte[] Request(Guid layout, ReadOnlySpan<byte> batch)
    {
        var bytes = new byte[RequestLength + batch.Length];
        WriteHeader(bytes, 0);
        layout.TryWriteBytes(bytes.AsSpan(HeaderLength), bigEndian: true, out _);
        batch.CopyTo(bytes.AsSpan(RequestLength));
        return bytes;
    }

    /// <summary>The batch of a request; null if it is none for this layout.</summary>
    public static byte[]? TryReadRequest(ReadOnlySpan<byte> bytes, Guid layout) =>
        bytes.Length > RequestLength
        && TryReadHeader(bytes, out _)
        && new Guid(bytes.Slice(HeaderLength, 16), bigEndian: true) == layout
            ? bytes[RequestLength..].ToArray()
            : null;

    public static byte[] Answer(in WriteOutcome outcome)
    {
        var bytes = new byte[OutcomeLength];
        WriteHeader(bytes, (byte)ForwardedReply.Decided);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(4), outcome.Sequence);
        bytes[12] = (byte)outcome.Status;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(13), outcome.FailedPrecondition);
        bytes[17] = outcome.IsRepeated ? (byte)1 : (byte)0;
        return bytes;
    }

    /// <summary>An answer that it was not decided.</summary>
    /// <param name="reply">Why.</param>
    /// <param name="limit">Of <see cref="ForwardedReply.KeyTooLong"/>, how long keys may be.</param>
    /// <param name="text">What else there is to say.</param>
    public static byte[] Refusal(ForwardedReply reply, int limit, string text)
    {
        var bytes = new byte[HeaderLength + 4 + Encoding.UTF8.GetByteCount(text)];
        WriteHeader(bytes, (byte)reply);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(HeaderLength), limit);
        Encoding.UTF8.GetBytes(text, bytes.AsSpan(HeaderLength + 4));
        return bytes;
    }

    /// <summary>Reads an answer; one that is none leaves open what became of the write.</summary>
    public static ForwardedReply ReadAnswer(
        ReadOnlySpan<byte> bytes, out WriteOutcome outcome, out int limit, out string text)
    {
        (outcome, limit, text) = (default, 0, string.Empty);
        if (!TryReadHeader(bytes, out var reply))
        {
            return ForwardedReply.Unknown;
        }

        if (reply != ForwardedReply.Decided)
        {
            if (bytes.Length >= HeaderLength + 4)
            {
                limit = BinaryPrimitives.ReadInt32LittleEndian(bytes[HeaderLength..]);
                text = Encoding.UTF8.GetString(bytes[(HeaderLength + 4)..]);
            }

            return reply;
        }

        if (bytes.Length != OutcomeLength)
        {
            return ForwardedReply.Unknown;
        }

        outcome = new WriteOutcome(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[4..]),
            (WriteStatus)bytes[12],
            BinaryPrimitives.ReadInt32LittleEndian(bytes[13..]),
            IsRepeated: bytes[17] != 0);
        return reply;
    }

    private static void WriteHeader(Span<byte> bytes, byte last)
    {
        bytes[0] = (byte)'E';
        bytes[1] = (byte)'W';
        bytes[2] = Version;
        bytes[3] = last;
    }

    private static bool TryReadHeader(ReadOnlySpan<byte> bytes, out ForwardedReply reply)
    {
        reply = bytes.Length >= HeaderLength ? (ForwardedReply)bytes[3] : default;
        return bytes.Length >= HeaderLength && bytes is [(byte)'E', (byte)'W', Version, ..];
    }
}
