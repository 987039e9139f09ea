namespace Engine.Integrity;

/// <summary>
/// The rules of an attribute list (section 4): tags ascend, and the last one ends where the value does.
/// </summary>
internal static class AttributeListCheck
{
    private const int HeaderLength = 4;
    private const int RequiredBit = 0x8000;

    /// <inheritdoc cref="Find(ReadOnlySpan{byte}, out int, out int, out int)"/>
    public static (string Expected, string Found)? Find(ReadOnlySpan<byte> list, out int required) =>
        Find(list, out required, out _, out _);

    /// <summary>What is wrong with a list; null if nothing is.</summary>
    /// <param name="list">The list.</param>
    /// <param name="required">The first tag that a reader must know, and does not; -1 if there is none.</param>
    /// <param name="keySize">The length of keys that the list tells; -1 if it does not.</param>
    /// <param name="expiry">What the list says of expiry; -1 if it does not.</param>
    public static (string Expected, string Found)? Find(
        ReadOnlySpan<byte> list, out int required, out int keySize, out int expiry)
    {
        expiry = -1;
        keySize = -1;
        required = -1;
        var previous = -1;
        for (var at = 0; at < list.Length;)
        {
            var rest = list.Length - at - HeaderLength;
            if (rest < 0 || FileFormat.U16(list, at + 2) > rest)
                return ($"attributes that end with the {list.Length} bytes", $"one at byte {at} that does not");
            int tag = FileFormat.U16(list, at);
            if ((tag & RequiredBit) != 0)
            {
                tag &= ~RequiredBit;
                if (tag == FileFormat.KeySizeTag && FileFormat.U16(list, at + 2) == sizeof(ushort))
                    keySize = FileFormat.U16(list, at + HeaderLength);
                else if (tag == FileFormat.ExpiryTag && FileFormat.U16(list, at + 2) == 1
                    && list[at + HeaderLength] <= FileFormat.TimeIndex)
                    expiry = list[at + HeaderLength];
                else
                    required = required < 0 ? tag : required;
            }

            if (tag <= previous)
                return ($"a tag above {previous} at byte {at} of the attributes", $"{tag}");
            previous = tag;
            at += HeaderLength + FileFormat.U16(list, at + 2);
        }

        return null;
    }
}
