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

        // Where runs of at least 1, 2, 4 … 64 begin; then the length is put together from the largest power down.
        var runs2 = word & (word >> 1);
        var runs4 = runs2 & (runs2 >> 2);
        var runs8 = runs4 & (runs4 >> 4);
        var runs16 = runs8 & (runs8 >> 8);
        var runs32 = runs16 & (runs16 >> 16);
        if ((runs32 & (runs32 >> 32)) != 0)
        {
            return 64;
        }

        var length = 0;
        var starts = ulong.MaxValue;
        Extend(runs32, 32, ref starts, ref length);
        Extend(runs16, 16, ref starts, ref length);
        Extend(runs8, 8, ref starts, ref length);
        Extend(runs4, 4, ref starts, ref length);
        Extend(runs2, 2, ref starts, ref length);
        Extend(word, 1, ref starts, ref length);
        return length;
    }

    /// <summary>Ones from bit 0 up.</summary>
    public static int LowOnes(ulong word) => BitOperations.TrailingZeroCount(~word);

    /// <summary>Ones from bit 63 down.</summary>
    public static int HighOnes(ulong word) => BitOperations.LeadingZeroCount(~word);

    /// <summary>Keeps the starts whose runs go on for <paramref name="step"/> more ones, if there are any.</summary>
    private static void Extend(ulong runs, int step, ref ulong starts, ref int length)
    {
        var longer = starts & (runs >> length);
        if (longer != 0)
        {
            starts = longer;
            length += step;
        }
    }
}
