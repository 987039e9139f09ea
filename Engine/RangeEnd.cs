using Engine.Pages;

namespace Engine;

/// <summary>What ends a range.</summary>
internal enum RangeEnd : byte
{
    /// <summary>The end of the tree.</summary>
    None,

    /// <summary>The first key that is not below the bound.</summary>
    Below,

    /// <summary>The first key that does not begin with the bound.</summary>
    Prefix,
}

/// <summary>Finding the ends of ranges within a leaf.</summary>
internal static class RangeBounds
{
    /// <summary>
    /// How many of the leaf's entries lie before the end of the range. The caller knows that entries from
    /// <paramref name="start"/> on are not before its beginning.
    /// </summary>
    public static int End(LeafPage leaf, int start, ReadOnlySpan<byte> bound, RangeEnd end)
    {
        var count = leaf.Count;
        switch (end)
        {
            case RangeEnd.None:
                return count;
            case RangeEnd.Below:
                // Nearly every leaf lies inside as a whole: one comparison tells.
                return leaf.Key(count - 1).SequenceCompareTo(bound) < 0
                    ? count
                    : Math.Max(start, leaf.LowerBound(bound, out _));
            default:
                if (leaf.Key(count - 1).StartsWith(bound))
                {
                    return count;
                }

                var low = start;
                var high = count;
                while (low < high)
                {
                    var middle = (low + high) >> 1;
                    if (leaf.Key(middle).StartsWith(bound))
                    {
                        low = middle + 1;
                    }
                    else
                    {
                        high = middle;
                    }
                }

                return low;
        }
    }

    /// <summary>The smallest key that is above every key with a prefix.</summary>
    /// <param name="prefix">The prefix.</param>
    /// <param name="buffer">Room for as many bytes as the prefix has.</param>
    /// <param name="successor">The result, in the buffer.</param>
    /// <returns>False if there is none: the prefix is empty or all bytes are 255.</returns>
    public static bool TrySuccessor(ReadOnlySpan<byte> prefix, Span<byte> buffer, out ReadOnlySpan<byte> successor)
    {
        var length = prefix.Length;
        while (length > 0 && prefix[length - 1] == 0xFF)
        {
            length--;
        }

        if (length == 0)
        {
            successor = default;
            return false;
        }

        prefix[..length].CopyTo(buffer);
        buffer[length - 1]++;
        successor = buffer[..length];
        return true;
    }
}
