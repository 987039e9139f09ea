using System.Runtime.Intrinsics;

namespace Engine.Pages;

/// <summary>Moving parts of a page's slot arrays by a few bytes, as every insert and removal does.</summary>
internal static unsafe class Slots
{
    /// <summary>
    /// Moves bytes to where they overlap themselves. The runtime's own copy leaves managed code for that, which costs more than moving a page's slots.
    /// </summary>
    /// <param name="from">The first byte.</param>
    /// <param name="by">How far up, or (negative) down.</param>
    /// <param name="length">How many bytes. The caller knows that they lie in the page at both places.</param>
    public static void Move(byte* from, int by, int length)
    {
        if (by > 0)
        {
            MoveUp(from, by, length);
        }
        else
        {
            MoveDown(from, by, length);
        }
    }

    // Bounded: whole pieces within the length, then what is left by halves. From the end backwards, a piece is written over pieces that were moved before.
    private static void MoveUp(byte* from, int by, int length)
    {
        var p = from + length;
        for (; p - from >= Vector256<byte>.Count; Vector256.Load(p).Store(p + by))
        {
            p -= Vector256<byte>.Count;
        }

        if (p - from >= 16)
        {
            p -= 16;
            Vector128.Load(p).Store(p + by);
        }

        if (p - from >= 8)
        {
            p -= 8;
            *(ulong*)(p + by) = *(ulong*)p;
        }

        if (p - from >= 4)
        {
            p -= 4;
            *(uint*)(p + by) = *(uint*)p;
        }

        while (p > from)
        {
            p--;
            p[by] = *p;
        }
    }

    // The same from the beginning on.
    private static void MoveDown(byte* from, int by, int length)
    {
        var end = from + length;
        for (; end - from >= Vector256<byte>.Count; from += Vector256<byte>.Count)
        {
            Vector256.Load(from).Store(from + by);
        }

        if (end - from >= 16)
        {
            Vector128.Load(from).Store(from + by);
            from += 16;
        }

        if (end - from >= 8)
        {
            *(ulong*)(from + by) = *(ulong*)from;
            from += 8;
        }

        if (end - from >= 4)
        {
            *(uint*)(from + by) = *(uint*)from;
            from += 4;
        }

        for (; from < end; from++)
        {
            from[by] = *from;
        }
    }
}
