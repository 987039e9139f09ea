using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Engine.Extensions.Nats.State;

/// <summary>How far a database has applied the log; a value of the state's tree.</summary>
/// <param name="Applied">Sequence of the last message that was applied; 0 before the first.</param>
/// <param name="LastChange">Sequence of the last message that changed a tree.</param>
/// <param name="Ticks">When the stream took the last message, in ticks of UTC.</param>
/// <param name="History">A digest of all messages up to the last.</param>
/// <param name="LastMessage">A digest of the last message.</param>
internal readonly record struct Progress(
    ulong Applied, ulong LastChange, long Ticks, UInt128 History, UInt128 LastMessage)
{
    public const int Length = 56;

    /// <summary>The digest of all messages in hexadecimal digits.</summary>
    public string HistoryText => History.ToString("x32", CultureInfo.InvariantCulture);

    public static Progress Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt128LittleEndian(bytes[24..]),
        BinaryPrimitives.ReadUInt128LittleEndian(bytes[40..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Applied);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], LastChange);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], Ticks);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes[24..], History);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes[40..], LastMessage);
    }

    /// <summary>The first half of its SHA-256.</summary>
    public static UInt128 DigestOf(ReadOnlySpan<byte> message)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(message, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    /// <summary>The progress after one more message, which is not said to have changed anything.</summary>
    public Progress After(ulong sequence, long ticks, ReadOnlySpan<byte> message)
    {
        var digest = DigestOf(message);
        Span<byte> link = stackalloc byte[40];
        BinaryPrimitives.WriteUInt128LittleEndian(link, History);
        BinaryPrimitives.WriteUInt64LittleEndian(link[16..], sequence);
        BinaryPrimitives.WriteUInt128LittleEndian(link[24..], digest);
        return this with { Applied = sequence, Ticks = ticks, History = DigestOf(link), LastMessage = digest };
    }
}
