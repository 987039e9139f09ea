namespace Engine.Space;

/// <summary>The bytes of single log entries (docs/format.md section 9).</summary>
internal static class LogEncoding
{
    /// <summary>Bytes of a number in LEB128.</summary>
    public static int NumberLength(ulong number) => 1 + (System.Numerics.BitOperations.Log2(number | 1) / 7);

    public static int GroupLength(ulong transaction) => 1 + NumberLength(transaction);

    public static int FreeLength(Extent pages, ulong difference) => AllocateLength(pages) + NumberLength(difference);

    public static int AllocateLength(Extent pages) => 1 + NumberLength(pages.Start) + NumberLength(pages.Length);

    /// <summary>Writes a group entry and returns its length.</summary>
    public static int WriteGroup(Span<byte> target, ulong transaction)
    {
        target[0] = (byte)LogTag.Group;
        return 1 + WriteNumber(target[1..], transaction);
    }

    /// <summary>Writes a free entry and returns its length.</summary>
    public static int WriteFree(Span<byte> target, Extent pages, ulong difference)
    {
        var length = WriteExtent(target, LogTag.Free, pages);
        return length + WriteNumber(target[length..], difference);
    }

    /// <summary>Writes an allocate entry and returns its length.</summary>
    public static int WriteAllocate(Span<byte> target, Extent pages) => WriteExtent(target, LogTag.Allocate, pages);

    private static int WriteExtent(Span<byte> target, LogTag tag, Extent pages)
    {
        target[0] = (byte)tag;
        var length = 1 + WriteNumber(target[1..], pages.Start);
        return length + WriteNumber(target[length..], pages.Length);
    }

    private static int WriteNumber(Span<byte> target, ulong number)
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
