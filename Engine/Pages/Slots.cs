using System.Runtime.Intrinsics;

namespace Engine.Pages;

/// <summary>Moving parts of a page's slot arrays by a few bytes, as every insert and removal does.</summary>
internal static unsafe class Slots
{
    // A piece that is moved over part of itself must be loaded whole before the first byte of it is stored. A
    // processor's own vector is, and so is a word. A wider vector than the processor has is not: the compiler copies it
    // in parts, and stores the first before it loads the second. So vectors are used where IsHardwareAccelerated says
    // that one load fills them (a constant to the compiler), and words elsewhere.

    /// <summary>
    /// Moves bytes to where they overlap themselves. The runtime's own copy leaves managed code for that, which costs
    /// more than moving a page's slots.
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

    // Bounded: whole pieces within the length, the largest first. From the end backwards, a piece is written over
    // pieces that were moved before.
    private static void MoveUp(byte* from, int by, int length)
    {
        var p = from + length;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; p - from >= 32; Vector256.Load(p).Store(p + by))
            {
                p -= 32;
            }
        }

        if (Vector128.IsHardwareAccelerated)
        {
            for (; p - from >= 16; Vector128.Load(p).Store(p + by))
            {
                p -= 16;
            }
        }

        for (; p - from >= 8; *(ulong*)(p + by) = *(ulong*)p)
        {
            p -= 8;
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
        if (Vector256.IsHardwareAccelerated)
        {
            for (; end - from >= 32; from += 32)
            {
                Vector256.Load(from).Store(from + by);
            }
        }

        if (Vector128.IsHardwareAccelerated)
        {
            for (; end - from >= 16; from += 16)
            {
                Vector128.Load(from).Store(from + by);
            }
        }

        for (; end - from >= 8; from += 8)
        {
            *(ulong*)(from + by) = *(ulong*)from;
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
