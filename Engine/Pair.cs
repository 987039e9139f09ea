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
            ThrowDisorder(pair);
        }

        return pair[keyLength..];
    }

    /// <summary>
    /// Refuses a tree that is out of order: a walk from key to key goes by searches, and would not end in a malformed
    /// file.
    /// </summary>
    /// <returns>True.</returns>
    /// <exception cref="DatabaseCorruptException">The second is smaller than the first.</exception>
    public static bool RequireOrder(scoped ReadOnlySpan<byte> smaller, scoped ReadOnlySpan<byte> pair)
    {
        if (smaller.SequenceCompareTo(pair) > 0)
        {
            ThrowDisorder(pair);
        }

        return true;
    }

    /// <summary>As <see cref="RequireOrder"/>, the other way.</summary>
    /// <returns>True.</returns>
    /// <exception cref="DatabaseCorruptException">The second is not smaller than the first.</exception>
    public static bool RequireBelow(scoped ReadOnlySpan<byte> greater, scoped ReadOnlySpan<byte> pair)
    {
        if (greater.SequenceCompareTo(pair) <= 0)
        {
            ThrowDisorder(pair);
        }

        return true;
    }

    [DoesNotReturn]
    private static void ThrowDisorder(ReadOnlySpan<byte> pair) => throw new DatabaseCorruptException(
        $"A multi-valued tree has the entry {Convert.ToHexString(pair)} at another place than its order says. Run the "
        + "integrity check and restore from a backup, or salvage what is readable.");
}
