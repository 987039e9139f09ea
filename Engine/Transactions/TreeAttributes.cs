using System.Buffers.Binary;

namespace Engine.Transactions;

/// <summary>
/// Attribute lists (docs/format.md section 4): what a tree, or the database, has beyond its record. Those that this
/// engine does not know and may ignore it keeps.
/// </summary>
internal static class TreeAttributes
{
    /// <summary>The name of the codec of a tree's keys, in ASCII.</summary>
    public const int KeyCodec = 1;

    /// <summary>The name of the codec of a tree's values, in ASCII.</summary>
    public const int ValueCodec = 2;

    /// <summary>The indexes of a tree: see <see cref="IndexList"/>.</summary>
    public const int Indexes = 4;

    /// <summary>That a tree's entries expire, or that it is the time index of such a tree: u8, 0 or 1.</summary>
    public const int Expiry = 5;

    /// <summary>The length of all keys of a multi-valued tree in bytes, 0 if they have different ones: u16.</summary>
    public const int KeySize = 6;

    /// <summary>Tag and length.</summary>
    private const int EntryHeader = 4;
    private const int RequiredBit = 0x8000;

    /// <summary>Looks at a list.</summary>
    /// <param name="list">The list.</param>
    /// <param name="required">The first attribute that must be known to use what has it; -1 if there is none.</param>
    /// <param name="isOfDatabase">Whether it is that of the database, for which none is known.</param>
    /// <returns>False if it is no list.</returns>
    public static bool TryCheck(ReadOnlySpan<byte> list, out int required, bool isOfDatabase = false)
    {
        required = -1;
        for (var last = -1; !list.IsEmpty;)
        {
            if (list.Length < EntryHeader)
            {
                return false;
            }

            int field = BinaryPrimitives.ReadUInt16LittleEndian(list);
            int length = BinaryPrimitives.ReadUInt16LittleEndian(list[2..]);
            var tag = field & ~RequiredBit;
            if (tag <= last || length > list.Length - EntryHeader)
            {
                return false;
            }

            if (tag != field && required < 0 && (isOfDatabase || !IsKnown(tag, list.Slice(EntryHeader, length))))
            {
                required = tag;
            }

            last = tag;
            list = list[(EntryHeader + length)..];
        }

        return true;
    }

    /// <summary>Looks for an attribute of a list that was looked at.</summary>
    /// <param name="list">The list.</param>
    /// <param name="tag">Its tag.</param>
    /// <param name="value">What it holds.</param>
    /// <returns>Whether the list has it.</returns>
    public static bool TryFind(ReadOnlySpan<byte> list, int tag, out ReadOnlySpan<byte> value)
    {
        var start = Find(list, tag, out var end);
        value = start < end ? list[(start + EntryHeader)..end] : default;
        return start < end;
    }

    /// <summary>As <see cref="TryFind"/>, for an attribute that counts only where it is required.</summary>
    public static bool TryFindRequired(ReadOnlySpan<byte> list, int tag, out ReadOnlySpan<byte> value)
    {
        var start = Find(list, tag, out var end);
        var isFound = start < end && (BinaryPrimitives.ReadUInt16LittleEndian(list[start..]) & RequiredBit) != 0;
        value = isFound ? list[(start + EntryHeader)..end] : default;
        return isFound;
    }

    /// <summary>
    /// A list with an attribute, which takes the place of the one that had its tag.
    /// </summary>
    public static byte[] With(ReadOnlySpan<byte> list, int tag, ReadOnlySpan<byte> value, bool isRequired = false)
    {
        var start = Find(list, tag, out var end);
        var result = new byte[list.Length - (end - start) + EntryHeader + value.Length];
        list[..start].CopyTo(result);
        var entry = result.AsSpan(start);
        BinaryPrimitives.WriteUInt16LittleEndian(entry, (ushort)(isRequired ? tag | RequiredBit : tag));
        BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], (ushort)value.Length);
        value.CopyTo(entry[EntryHeader..]);
        list[end..].CopyTo(entry[(EntryHeader + value.Length)..]);
        return result;
    }

    /// <summary>A list without an attribute.</summary>
    public static byte[] Without(ReadOnlySpan<byte> list, int tag)
    {
        var start = Find(list, tag, out var end);
        return [.. list[..start], .. list[end..]];
    }

    /// <summary>Whether a required attribute is one that this engine knows, and says something that it knows.</summary>
    private static bool IsKnown(int tag, ReadOnlySpan<byte> value) => tag switch
    {
        Expiry => TreeExpiry.IsKnown(value),
        KeySize => value.Length == sizeof(ushort),
        _ => false,
    };

    /// <summary>Where an attribute is; or, if start and end are the same, where it would be.</summary>
    private static int Find(ReadOnlySpan<byte> list, int tag, out int end)
    {
        for (var at = 0; at < list.Length; at = end)
        {
            var found = BinaryPrimitives.ReadUInt16LittleEndian(list[at..]) & ~RequiredBit;
            end = at + EntryHeader + BinaryPrimitives.ReadUInt16LittleEndian(list[(at + 2)..]);
            if (found >= tag)
            {
                end = found == tag ? end : at;
                return at;
            }
        }

        return end = list.Length;
    }
}
