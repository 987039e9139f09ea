using System.Buffers.Binary;

namespace Engine.Transactions;

/// <summary>
/// Attribute lists (docs/format.md section 4): what a tree, or the database, has beyond its record. This engine knows
/// none; it keeps those that it may ignore.
/// </summary>
internal static class TreeAttributes
{
    /// <summary>Tag and length.</summary>
    private const int EntryHeader = 4;
    private const int RequiredBit = 0x8000;

    /// <summary>Looks at a list.</summary>
    /// <param name="list">The list.</param>
    /// <param name="required">The first attribute that must be known to use what has it; -1 if there is none.</param>
    /// <returns>False if it is no list.</returns>
    public static bool TryCheck(ReadOnlySpan<byte> list, out int required)
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

            if (tag != field && required < 0)
            {
                required = tag;
            }

            last = tag;
            list = list[(EntryHeader + length)..];
        }

        return true;
    }
}
