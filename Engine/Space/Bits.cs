using System.Numerics;

namespace Engine.Space;

/// <summary>Runs of ones in a word, in a number of steps that is logarithmic in their length.</summary>
internal static class Bits
{
    /// <summary>The bits at which a run of at least <paramref name="length"/> (1–64) ones begins.</summary>
    public static ulong RunStarts(ulong word, int length)
    {
        var known = 1;
        while (known < length && word != 0)
        {
            var step = Math.Min(known, length - known);
            word &= word >> step;
            known += step;
        }

        return word;
    }

    /// <summary>The length of the longest run of ones.</summary>
    public static int LongestRun(ulong word)
    {
        if (word == 0)
        {
            return 0;
        }

        // doubled[k]: where runs of at least 2^k begin. Six doublings reach 64.
        Span<ulong> doubled = stackalloc ulong[7];
        doubled[0] = word;
        var top = 0;
        while (top < 6)
        {
            var next = doubled[top] & (doubled[top] >> (1 << top));
            if (next == 0)
            {
                break;
            }

            doubled[++top] = next;
        }

        var length = 1 << top;
        if (length == 64)
        {
            return 64;
        }

        var starts = doubled[top];
        for (var k = top - 1; k >= 0; k--)
        {
            var longer = starts & (doubled[k] >> length);
            if (longer != 0)
            {
                starts = longer;
                length += 1 << k;
            }
        }

        return length;
    }

    /// <summary>Ones from bit 0 up.</summary>
    public static int LowOnes(ulong word) => BitOperations.TrailingZeroCount(~word);

    /// <summary>Ones from bit 63 down.</summary>
    public static int HighOnes(ulong word) => BitOperations.LeadingZeroCount(~word);
}
