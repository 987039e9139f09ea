using System.Buffers;

namespace Engine.Extensions.Nats.Log;

/// <summary>Numbers in seven bits a byte, least significant first.</summary>
internal static class Leb128
{
    private const int MaxLength = 10;

    public static void Write(IBufferWriter<byte> target, ulong value)
    {
        var span = target.GetSpan(MaxLength);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        target.Advance(length);
    }

    public static void WriteBytes(IBufferWriter<byte> target, ReadOnlySpan<byte> bytes)
    {
        Write(target, (ulong)bytes.Length);
        target.Write(bytes);
    }
}
