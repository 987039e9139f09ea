using System.Buffers;

namespace Engine.Extensions.Nats.Log;

/// <summary>
/// A message of the log: <c>E R</c>, version, kind; then, of writes, who wrote them, the number of the message among
/// those of its writer, how often the writer began anew with it, and the batches.
/// </summary>
internal static class Envelope
{
    public const byte Version = 1;

    /// <summary>Of a writer's id, a version 7 UUID in big-endian order.</summary>
    public const int WriterLength = 16;

    /// <summary>What a message has beside its batches, at most.</summary>
    public const int Overhead = 64;

    private const int HeaderLength = 4;

    public static byte[] OfWrites(Guid writer, ulong number, ulong generation, IReadOnlyList<byte[]> batches)
    {
        var target = new ArrayBufferWriter<byte>(Overhead + batches.Sum(static batch => batch.Length + 5));
        WriteHeader(target, EnvelopeKind.Writes);
        writer.TryWriteBytes(target.GetSpan(WriterLength), bigEndian: true, out _);
        target.Advance(WriterLength);
        Leb128.Write(target, number);
        Leb128.Write(target, generation);
        Leb128.Write(target, (ulong)batches.Count);
        foreach (var batch in batches)
        {
            Leb128.WriteBytes(target, batch);
        }

        return target.WrittenSpan.ToArray();
    }

    /// <summary>Asks every node for digests at exactly this place; they are sent to a subject.</summary>
    public static byte[] OfMark(string replyTo)
    {
        var target = new ArrayBufferWriter<byte>();
        WriteHeader(target, EnvelopeKind.Mark);
        Leb128.WriteBytes(target, BatchEncoding.Names.GetBytes(replyTo));
        return target.WrittenSpan.ToArray();
    }

    /// <summary>Reads what all messages begin with.</summary>
    /// <exception cref="ReplicaVersionException">A newer version wrote it.</exception>
    public static EnvelopeKind ReadHeader(ref MessageReader reader, ulong sequence)
    {
        var header = reader.ReadFixed(HeaderLength);
        if (header.IsEmpty || header[0] != (byte)'E' || header[1] != (byte)'R')
        {
            return EnvelopeKind.Foreign;
        }

        var kind = (EnvelopeKind)header[3];
        if (header[2] > Version || kind is not (EnvelopeKind.Writes or EnvelopeKind.Mark))
        {
            throw new ReplicaVersionException(
                $"Message {sequence} of the log has version {header[2]} and kind {header[3]}, and this node knows "
                + $"version {Version}: a node with a newer version of this package writes to it. Update this node.");
        }

        return kind;
    }

    private static void WriteHeader(ArrayBufferWriter<byte> target, EnvelopeKind kind) =>
        target.Write([(byte)'E', (byte)'R', Version, (byte)kind]);
}
