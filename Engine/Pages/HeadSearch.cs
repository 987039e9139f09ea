using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Pages;

/// <summary>
/// Searches the sorted heads of a page by counting how many are smaller. Counting a few vectors beats a binary search,
/// whose every step waits for the last and is mispredicted half of the time; large pages are first narrowed binarily.
/// </summary>
internal static unsafe class HeadSearch
{
    /// <summary>Above this many heads a branchless binary search narrows the range first.</summary>
    private const int LinearLimit = 192;

    /// <summary>How many of <paramref name="count"/> heads are below <paramref name="target"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CountBelow(uint* heads, int count, uint target)
    {
        // Bounded: vector loads cover whole groups inside the array; the rest is read one by one.
        var start = 0;
        while (count > LinearLimit)
        {
            var half = count >> 1;
            start = heads[start + half] < target ? start + half : start;
            count -= half;
        }

        var from = heads + start;
        var result = start;
        var i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            var wanted = Vector256.Create(target);
            var sum = Vector256<uint>.Zero;
            for (; i + 8 <= count; i += 8)
            {
                sum -= Vector256.LessThan(Vector256.Load(from + i), wanted);
            }

            result += (int)Vector256.Sum(sum);
        }

        if (Vector128.IsHardwareAccelerated)
        {
            var wanted = Vector128.Create(target);
            for (; i + 4 <= count; i += 4)
            {
                result += BitOperations.PopCount(
                    Vector128.LessThan(Vector128.Load(from + i), wanted).ExtractMostSignificantBits());
            }
        }

        for (; i < count; i++)
        {
            result += from[i] < target ? 1 : 0;
        }

        return result;
    }

    /// <summary>
    /// The end of the run of heads equal to <paramref name="target"/> that begins at <paramref name="start"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int EndOfTies(uint* heads, int start, int count, uint target)
    {
        // Nearly always there is none or one, so look before searching.
        if (start == count || heads[start] != target)
        {
            return start;
        }

        return start + 1 == count || heads[start + 1] != target
            ? start + 1
            : EndOfLongTies(heads, start, count, target);
    }

    private static int EndOfLongTies(uint* heads, int start, int count, uint target) =>
        target == uint.MaxValue ? count : start + CountBelow(heads + start, count - start, target + 1);
}
