using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Engine.Cli.Shared;

/// <summary>
/// Writes the content of JSON strings in pieces, so that a value may be as long as values are; the writer of the
/// framework ends at 166 million characters. What prints stays readable, everything else becomes <c>\uXXXX</c>, so that
/// no terminal takes it for a command.
/// </summary>
internal static class JsonText
{
    /// <summary>A multiple of three, so that only the last piece of base 64 needs padding.</summary>
    private const int Base64Piece = 3 * 8192;

    private static readonly SearchValues<byte> Plain = SearchValues.Create(
        [.. Enumerable.Range(' ', '~' - ' ' + 1).Where(b => b is not ('"' or '\\')).Select(b => (byte)b)]);

    /// <summary>Writes a string with its quotes.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="utf8">The text, which is valid UTF-8.</param>
    public static void WriteString(IBufferWriter<byte> output, ReadOnlySpan<byte> utf8)
    {
        output.Write("\""u8);
        while (!utf8.IsEmpty)
        {
            int plain = utf8.IndexOfAnyExcept(Plain);
            if (plain < 0)
                plain = utf8.Length;
            output.Write(utf8[..plain]);
            utf8 = utf8[plain..];
            if (!utf8.IsEmpty)
                utf8 = utf8[WriteOne(output, utf8)..];
        }

        output.Write("\""u8);
    }

    /// <summary>Writes bytes as base 64, with quotes.</summary>
    public static void WriteBase64(IBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        output.Write("\""u8);
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> piece = bytes[..Math.Min(bytes.Length, Base64Piece)];
            Span<byte> target = output.GetSpan(Base64.GetMaxEncodedToUtf8Length(piece.Length));
            Base64.EncodeToUtf8(piece, target, out _, out int written);
            output.Advance(written);
            bytes = bytes[piece.Length..];
        }

        output.Write("\""u8);
    }

    /// <summary>Whether a character is written as it is between quotes, or between other parts of a document.</summary>
    public static bool IsReadable(Rune rune) => ReadableText.Prints(rune);

    /// <summary>Writes a character as <c>\uXXXX</c>, above the basic plane as two of them.</summary>
    public static void WriteEscaped(IBufferWriter<byte> output, Rune rune)
    {
        Span<char> units = stackalloc char[2];
        foreach (char unit in units[..rune.EncodeToUtf16(units)])
        {
            Span<byte> escape = output.GetSpan(6);
            _ = Encoding.ASCII.GetBytes($"\\u{(int)unit:X4}", escape);
            output.Advance(6);
        }
    }

    private static int WriteOne(IBufferWriter<byte> output, ReadOnlySpan<byte> utf8)
    {
        _ = Rune.DecodeFromUtf8(utf8, out Rune rune, out int length);
        ReadOnlySpan<byte> shortForm = rune.Value switch
        {
            '"' => "\\\""u8,
            '\\' => "\\\\"u8,
            '\b' => "\\b"u8,
            '\t' => "\\t"u8,
            '\n' => "\\n"u8,
            '\f' => "\\f"u8,
            '\r' => "\\r"u8,
            _ => default,
        };
        if (!shortForm.IsEmpty)
            output.Write(shortForm);
        else if (IsReadable(rune))
            output.Write(utf8[..length]);
        else
            WriteEscaped(output, rune);
        return length;
    }
}
