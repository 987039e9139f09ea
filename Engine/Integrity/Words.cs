using System.Globalization;
using System.Text;

namespace Engine.Integrity;

/// <summary>Puts bytes into words for a message.</summary>
internal static class Words
{
    private const int Longest = 24;

    /// <summary>Printable ASCII in quotes, everything else in hexadecimal; cut when it is long.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        var shown = bytes[..Math.Min(bytes.Length, Longest)];
        var text = shown.ContainsAnyExceptInRange((byte)' ', (byte)'~')
            ? "0x" + Convert.ToHexString(shown)
            : "\"" + Encoding.ASCII.GetString(shown) + "\"";
        return bytes.Length == shown.Length
            ? text
            : string.Create(CultureInfo.InvariantCulture, $"{text}... ({bytes.Length} bytes)");
    }

    public static string Hex(uint value) => "0x" + value.ToString("x8", CultureInfo.InvariantCulture);

    public static string Hex(ulong value) => "0x" + value.ToString("x16", CultureInfo.InvariantCulture);
}
