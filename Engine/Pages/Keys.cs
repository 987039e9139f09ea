using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Engine.Pages;

/// <summary>Comparing keys and taking their heads. Order is bytewise, a prefix before what it is a prefix of.</summary>
internal static unsafe class Keys
{
    /// <summary>Four key bytes after <paramref name="skip"/>, big-endian, padded with zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Head(byte* key, int length, int skip)
    {
        // Bounded: the four-byte load happens only when skip + 4 <= length.
        if (length - skip >= 4)
        {
            return BinaryPrimitives.ReverseEndianness(*(uint*)(key + skip));
        }

        uint head = 0;
        for (var i = skip; i < length; i++)
        {
            head |= (uint)key[i] << (24 - (8 * (i - skip)));
        }

        return head;
    }

    /// <summary>Compares two keys from an offset that both are known to share.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Compare(byte* a, int aLength, byte* b, int bLength, int from = 0)
    {
        // Bounded: eight-byte loads end at or before the shorter length.
        var common = Math.Min(aLength, bLength);
        var i = from;
        for (; i + 8 <= common; i += 8)
        {
            var x = *(ulong*)(a + i);
            var y = *(ulong*)(b + i);
            if (x != y)
            {
                return BinaryPrimitives.ReverseEndianness(x) < BinaryPrimitives.ReverseEndianness(y) ? -1 : 1;
            }
        }

        for (; i < common; i++)
        {
            if (a[i] != b[i])
            {
                return a[i] - b[i];
            }
        }

        return aLength - bLength;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AreEqual(byte* a, int aLength, byte* b, int bLength)
    {
        if (aLength != bLength)
        {
            return false;
        }

        // Bounded: the last eight-byte load overlaps the one before it instead of passing the end.
        if (aLength >= 8)
        {
            var last = aLength - 8;
            for (var i = 0; i < last; i += 8)
            {
                if (*(ulong*)(a + i) != *(ulong*)(b + i))
                {
                    return false;
                }
            }

            return *(ulong*)(a + last) == *(ulong*)(b + last);
        }

        for (var i = 0; i < aLength; i++)
        {
            if (a[i] != b[i])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Length of the common prefix of two short keys, without a call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CommonPrefix(byte* a, int aLength, byte* b, int bLength)
    {
        // Bounded: eight-byte loads end at or before the shorter length.
        var common = Math.Min(aLength, bLength);
        var i = 0;
        for (; i + 8 <= common; i += 8)
        {
            var difference = *(ulong*)(a + i) ^ *(ulong*)(b + i);
            if (difference != 0)
            {
                return i + (BitOperations.TrailingZeroCount(difference) >> 3);
            }
        }

        while (i < common && a[i] == b[i])
        {
            i++;
        }

        return i;
    }

    /// <summary>
    /// The shortest string that is greater than <paramref name="left"/> and not greater than <paramref name="right"/>:
    /// a prefix of the latter.
    /// </summary>
    /// <exception cref="DatabaseCorruptException">
    /// The keys are not ascending (the first touch does not look at the order).
    /// </exception>
    public static ReadOnlySpan<byte> Separator(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var shared = left.CommonPrefixLength(right);
        return shared < right.Length
            ? right[..(shared + 1)]
            : throw new DatabaseCorruptException(
                "A leaf has keys that are not in ascending order. Run the integrity check and restore from a backup.");
    }
}
