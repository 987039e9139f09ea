using System.Buffers;
using System.Text;

namespace Engine.Cli.Shared;

/// <summary>
/// The token syntax for keys and values. Every byte but white space, the backslash and what does not print stands for
/// itself; any byte may be written as <c>\hh</c> (two hexadecimal digits); the empty string is <c>""</c>. A token is
/// one word of a line, so a line protocol needs no quoting, and every byte string has a token.
/// </summary>
internal static class Tokens
{
    /// <summary>
    /// What <see cref="Write"/> writes as they are: printable ASCII without the blank and the backslash.
    /// </summary>
    private static readonly SearchValues<byte> Plain = SearchValues.Create(
        Enumerable.Range('!', '~' - '!' + 1).Where(b => b != '\\').Select(b => (byte)b).ToArray());

    private static ReadOnlySpan<byte> EmptyToken => "\"\""u8;

    /// <summary>
    /// The bytes that a token stands for. Bytes that <see cref="Write"/> would escape are taken as they are, so people
    /// may type UTF-8, and an argument of the command line may contain blanks.
    /// </summary>
    /// <exception cref="UsageException">A backslash without two hexadecimal digits behind it.</exception>
    public static byte[] Parse(ReadOnlySpan<byte> token)
    {
        if (token.SequenceEqual(EmptyToken))
            return [];
        int escape = token.IndexOf((byte)'\\');
        if (escape < 0)
            return token.ToArray();

        byte[] bytes = new byte[token.Length];
        int length = 0;
        while (escape >= 0)
        {
            token[..escape].CopyTo(bytes.AsSpan(length));
            length += escape;
            token = token[escape..];
            if (token.Length < 3 || !TryParseHex(token[1], token[2], out bytes[length++]))
            {
                throw new UsageException(
                    $"'{Encoding.UTF8.GetString(token[..Math.Min(3, token.Length)])}' is no escape: write \\ and two "
                    + "hexadecimal digits, and \\5c for a backslash");
            }

            token = token[3..];
            escape = token.IndexOf((byte)'\\');
        }

        token.CopyTo(bytes.AsSpan(length));
        return bytes.AsSpan(0, length + token.Length).ToArray();
    }

    /// <summary>Parses an argument of the command line; its characters are taken as UTF-8.</summary>
    public static byte[] Parse(string argument) => Parse(Encoding.UTF8.GetBytes(argument));

    /// <summary>Parses plain hexadecimal digits, two a byte.</summary>
    public static byte[] ParseHex(string argument)
    {
        try
        {
            return Convert.FromHexString(argument);
        }
        catch (FormatException)
        {
            throw new UsageException(
                $"'{argument}' is not hexadecimal: --hex wants two digits a byte, for example 00ff");
        }
    }

    /// <summary>
    /// Writes the one token that stands for the bytes: without white space, without anything that does not print.
    /// </summary>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            output.Write(EmptyToken);
            return;
        }

        if (bytes.SequenceEqual(EmptyToken))
        {
            output.Write("\\22\\22"u8);
            return;
        }

        while (true)
        {
            int plain = bytes.IndexOfAnyExcept(Plain);
            if (plain < 0)
            {
                output.Write(bytes);
                return;
            }

            output.Write(bytes[..plain]);
            WriteEscaped(output, bytes[plain]);
            bytes = bytes[(plain + 1)..];
        }
    }

    /// <summary>Writes <c>\hh</c>.</summary>
    public static void WriteEscaped(IBufferWriter<byte> output, byte value)
    {
        Span<byte> escape = output.GetSpan(3);
        escape[0] = (byte)'\\';
        escape[1] = (byte)HexDigit(value >> 4);
        escape[2] = (byte)HexDigit(value & 15);
        output.Advance(3);
    }

    /// <summary>The token as a string, for messages.</summary>
    public static string Format(ReadOnlySpan<byte> bytes)
    {
        var buffer = new ArrayBufferWriter<byte>(bytes.Length + 2);
        Write(buffer, bytes);
        return Encoding.ASCII.GetString(buffer.WrittenSpan);
    }

    private static char HexDigit(int value) => (char)(value < 10 ? '0' + value : 'a' + value - 10);

    private static bool TryParseHex(byte high, byte low, out byte value)
    {
        value = 0;
        if (!char.IsAsciiHexDigit((char)high) || !char.IsAsciiHexDigit((char)low))
            return false;
        value = (byte)((Nibble(high) << 4) | Nibble(low));
        return true;
    }

    private static int Nibble(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
