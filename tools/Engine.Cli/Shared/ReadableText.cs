using System.Buffers;
using System.Globalization;
using System.Text;

namespace Engine.Cli.Shared;

/// <summary>
/// Keys and values for people: UTF-8 text stays readable, blanks and all; control and formatting characters, the
/// backslash, and bytes that are no UTF-8 become <c>\hh</c>. What it writes reads back with
/// <see cref="Tokens.Parse(string)"/> and never holds a tab or a line feed, so two fields and a tab make a line.
/// </summary>
internal static class ReadableText
{
    private static readonly SearchValues<byte> PlainAscii = SearchValues.Create(
        Enumerable.Range(' ', '~' - ' ' + 1).Where(b => b != '\\').Select(b => (byte)b).ToArray());

    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        // The two special forms are those of the tokens.
        if (bytes.IsEmpty || bytes.SequenceEqual("\"\""u8))
        {
            Tokens.Write(output, bytes);
            return;
        }

        while (!bytes.IsEmpty)
        {
            int plain = bytes.IndexOfAnyExcept(PlainAscii);
            if (plain < 0)
                plain = bytes.Length;
            output.Write(bytes[..plain]);
            bytes = bytes[plain..];
            if (!bytes.IsEmpty)
                bytes = bytes[WriteOne(output, bytes)..];
        }
    }

    public static string Format(ReadOnlySpan<byte> bytes)
    {
        var buffer = new ArrayBufferWriter<byte>(bytes.Length + 2);
        Write(buffer, bytes);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>
    /// Text for people, in which names and paths may stand: what prints is left as it is, the backslash too, and
    /// everything else becomes <c>\hh</c>, so that no terminal takes it for a command.
    /// </summary>
    public static string Escape(string text)
    {
        int plain = text.AsSpan().IndexOfAnyExceptInRange(' ', '~');
        if (plain < 0)
            return text;
        var escaped = new StringBuilder(text, 0, plain, text.Length + 16);
        Span<byte> bytes = stackalloc byte[4];
        foreach (Rune rune in text.AsSpan(plain).EnumerateRunes())
        {
            if (Prints(rune))
            {
                escaped.Append(rune.ToString());
                continue;
            }

            foreach (byte value in bytes[..rune.EncodeToUtf8(bytes)])
                escaped.Append($"\\{value:x2}");
        }

        return escaped.ToString();
    }

    private static int WriteOne(IBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        OperationStatus status = Rune.DecodeFromUtf8(bytes, out Rune rune, out int length);
        if (status == OperationStatus.Done && rune.Value >= 0x80 && Prints(rune))
        {
            output.Write(bytes[..length]);
            return length;
        }

        foreach (byte value in bytes[..length])
            Tokens.WriteEscaped(output, value);
        return length;
    }

    /// <summary>Formatting characters do not print: some of them turn the direction of the text around them.</summary>
    public static bool Prints(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
