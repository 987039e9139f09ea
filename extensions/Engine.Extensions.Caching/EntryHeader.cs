using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Engine.Extensions.Caching;

/// <summary>
/// What stands before a value: id, deadline, window and absolute end (8 bytes each) and the length of the whole key (4
/// bytes), which follows if the stored key is a hash; little-endian.
/// </summary>
/// <param name="Id">
/// No other entry has or had it, so that what is noted for an entry is not taken for another's.
/// </param>
/// <param name="Lifetime">When the entry ends, as of when it was set.</param>
/// <param name="RestLength">Length of the whole key in bytes; 0 if the stored key says all.</param>
internal readonly record struct EntryHeader(ulong Id, Lifetime Lifetime, int RestLength)
{
    public const int Length = 36;

    /// <summary>Length of the stored entry.</summary>
    public long LengthWith(byte[] value) => Length + (long)RestLength + value.LongLength;

    public void Write(Span<byte> stored)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(stored, Id);
        BinaryPrimitives.WriteInt64LittleEndian(stored[8..], Lifetime.Deadline);
        BinaryPrimitives.WriteInt64LittleEndian(stored[16..], Lifetime.Window);
        BinaryPrimitives.WriteInt64LittleEndian(stored[24..], Lifetime.Absolute);
        BinaryPrimitives.WriteInt32LittleEndian(stored[32..], RestLength);
    }

    /// <summary>Reads what stands before a value.</summary>
    /// <returns>False if this is no entry of a cache.</returns>
    public static bool TryRead(ReadOnlySpan<byte> stored, out EntryHeader header)
    {
        if (stored.Length < Length)
        {
            header = default;
            return false;
        }

        var lifetime = new Lifetime(
            BinaryPrimitives.ReadInt64LittleEndian(stored[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(stored[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(stored[24..]));
        var rest = BinaryPrimitives.ReadInt32LittleEndian(stored[32..]);
        header = new EntryHeader(BinaryPrimitives.ReadUInt64LittleEndian(stored), lifetime, rest);
        return rest >= 0 && rest <= stored.Length - Length;
    }

    /// <summary>Whether the entry is that of a key, and not of another one with its hash.</summary>
    public bool IsOf(string key, ReadOnlySpan<byte> stored) =>
        RestLength == 0 || stored.Slice(Length, RestLength).SequenceEqual(MemoryMarshal.AsBytes(key.AsSpan()));

    public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> stored) => stored[(Length + RestLength)..];
}
