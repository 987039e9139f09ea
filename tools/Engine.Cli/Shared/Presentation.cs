using System.Text;

namespace Engine.Cli.Shared;

/// <summary>How a report shows keys, values and sizes.</summary>
internal sealed record Presentation
{
    /// <summary>Keys and values as hexadecimal digits, even if they are text.</summary>
    public bool Hex { get; init; }

    /// <summary>Keys and values as text, and <c>\hh</c> for what is none, even if most of it is none.</summary>
    public bool Utf8 { get; init; }

    /// <summary>Sizes as a number of bytes.</summary>
    public bool ExactSizes { get; init; }

    public string Size(double bytes) => ExactSizes ? $"{Human.Count((ulong)bytes)} bytes" : Human.Size(bytes);

    /// <summary>
    /// A key or a value in one line: text in quotes if all of it prints, otherwise 0x and hexadecimal digits; cut after
    /// so many characters.
    /// </summary>
    public string Bytes(ReadOnlySpan<byte> bytes, int longest = int.MaxValue)
    {
        // No more is looked at than can be shown.
        ReadOnlySpan<byte> looked = bytes.Length > longest ? bytes[..Math.Min(bytes.Length, longest + 4)] : bytes;
        string text = Hex || !(Utf8 || Prints(looked, isCut: looked.Length < bytes.Length))
            ? "0x" + Convert.ToHexStringLower(looked)
            : Quote(looked);
        if (text.Length <= longest)
            return text;
        int cut = Math.Max(longest - 1, 1);
        if (char.IsHighSurrogate(text[cut - 1]))
            cut--;
        return text[..cut] + "…";
    }

    private static string Quote(ReadOnlySpan<byte> bytes) =>
        bytes.IsEmpty ? "\"\"" : "\"" + ReadableText.Format(bytes) + "\"";

    /// <summary>Whether the readable form has no escapes, but for a character that the cut may have split.</summary>
    private static bool Prints(ReadOnlySpan<byte> bytes, bool isCut)
    {
        if (isCut)
        {
            int end = bytes.Length;
            while (end > 0 && end > bytes.Length - 3 && (bytes[end - 1] & 0xC0) == 0x80)
                end--;
            bytes = end > 0 && bytes[end - 1] >= 0xC0 ? bytes[..(end - 1)] : bytes;
        }

        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out Rune rune, out int length) != System.Buffers.OperationStatus.Done
                || !ReadableText.Prints(rune))
                return false;
            bytes = bytes[length..];
        }

        return true;
    }
}
