using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Engine.Trees;

namespace Engine;

/// <summary>Entries of multi-valued trees as what they are: a key and a value.</summary>
internal static class Pair
{
    /// <summary>The key and the value of an entry.</summary>
    /// <exception cref="DatabaseCorruptException">It is no pair.</exception>
    public static Entry Entry(PairForm form, Entry stored)
    {
        var start = form.Split(stored.Key, stored.Value, out var key);
        return new Entry(key, stored.Key[start..]);
    }

    /// <summary>The value of a pair that begins with a key of so many bytes.</summary>
    /// <exception cref="DatabaseCorruptException">It does not: the tree is out of order.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> pair, int keyLength)
    {
        if ((uint)keyLength > (uint)pair.Length)
        {
            ThrowShort(pair);
        }

        return pair[keyLength..];
    }

    [DoesNotReturn]
    private static void ThrowShort(ReadOnlySpan<byte> pair) => throw new DatabaseCorruptException(
        $"A multi-valued tree has the entry {Convert.ToHexString(pair)} among the values of another key. Run the "
        + "integrity check and restore from a backup, or salvage what is readable.");
}
