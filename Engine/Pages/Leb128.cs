using System.Numerics;

namespace Engine.Pages;

/// <summary>Unsigned LEB128 numbers, as the space log and run lists have them (docs/format.md section 9).</summary>
internal static class Leb128
{
    /// <summary>Bytes of a number.</summary>
    public static int Length(ulong number) => 1 + (BitOperations.Log2(number | 1) / 7);

    /// <summary>Writes a number and returns its length.</summary>
    public static int Write(Span<byte> target, ulong number)
    {
        var length = 0;
        while (number >= 0x80)
        {
            target[length++] = (byte)(number | 0x80);
            number >>= 7;
        }

        target[length++] = (byte)number;
        return length;
    }
}
