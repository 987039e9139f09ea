using System.Buffers.Binary;

namespace OrdersCluster.Node;

/// <summary>
/// Numbers of orders without a counter that all nodes would have to share: the time of a request's key, in
/// milliseconds, and twelve bits of its chance. A request that is sent again gets the same number, whatever node it
/// comes to.
/// </summary>
internal static class OrderNumber
{
    private const int ChanceBits = 12;
    private const int KeyLength = 16;

    private static readonly long Epoch =
        new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    /// <summary>When a key was made.</summary>
    public static DateTimeOffset TimeOf(Guid key) => DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds(Bytes(key)));

    /// <summary>The number that goes with a key, at the first attempt or one of the next.</summary>
    public static long Of(Guid key, int attempt)
    {
        var bytes = Bytes(key);
        var chance = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(KeyLength - 4)) & ((1 << ChanceBits) - 1);
        return ((Milliseconds(bytes) - Epoch) << ChanceBits) + chance + attempt;
    }

    /// <summary>What an attempt is known by. The first one has the key itself.</summary>
    public static Guid IdOf(Guid key, int attempt)
    {
        var bytes = Bytes(key);
        var tail = bytes.AsSpan(KeyLength - 4);
        BinaryPrimitives.WriteUInt32BigEndian(tail, BinaryPrimitives.ReadUInt32BigEndian(tail) + (uint)attempt);
        return new Guid(bytes, bigEndian: true);
    }

    private static byte[] Bytes(Guid key) => key.ToByteArray(bigEndian: true);

    private static long Milliseconds(byte[] key) => (long)(BinaryPrimitives.ReadUInt64BigEndian(key) >> 16);
}
