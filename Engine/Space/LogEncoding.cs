using Engine.Pages;

namespace Engine.Space;

/// <summary>The bytes of single log entries (docs/format.md section 9).</summary>
internal static class LogEncoding
{
    public static int GroupLength(ulong transaction) => 1 + Leb128.Length(transaction);

    public static int FreeLength(Extent pages, ulong difference) => AllocateLength(pages) + Leb128.Length(difference);

    public static int AllocateLength(Extent pages) => 1 + Leb128.Length(pages.Start) + Leb128.Length(pages.Length);

    public static int NameLength(ulong id) => 1 + Leb128.Length(id);

    /// <summary>Writes a group entry and returns its length.</summary>
    public static int WriteGroup(Span<byte> target, ulong transaction) => WriteId(target, LogTag.Group, transaction);

    /// <summary>Writes an entry of a named snapshot and returns its length.</summary>
    public static int WriteName(Span<byte> target, LogTag tag, ulong id) => WriteId(target, tag, id);

    /// <summary>Writes a free entry and returns its length.</summary>
    public static int WriteFree(Span<byte> target, Extent pages, ulong difference)
    {
        var length = WriteExtent(target, LogTag.Free, pages);
        return length + Leb128.Write(target[length..], difference);
    }

    /// <summary>Writes an allocate entry and returns its length.</summary>
    public static int WriteAllocate(Span<byte> target, Extent pages) => WriteExtent(target, LogTag.Allocate, pages);

    private static int WriteId(Span<byte> target, LogTag tag, ulong id)
    {
        target[0] = (byte)tag;
        return 1 + Leb128.Write(target[1..], id);
    }

    private static int WriteExtent(Span<byte> target, LogTag tag, Extent pages)
    {
        target[0] = (byte)tag;
        var length = 1 + Leb128.Write(target[1..], pages.Start);
        return length + Leb128.Write(target[length..], pages.Length);
    }
}
