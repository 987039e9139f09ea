using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Engine;

/// <summary>
/// Strings in UTF-8, ordered by code points. <see cref="string.CompareOrdinal(string, string)"/> compares code units of
/// UTF-16, and puts characters above U+FFFF, which are pairs of surrogates there, before U+E000 to U+FFFF. Half a
/// surrogate pair has no UTF-8 form and is refused with an <see cref="ArgumentException"/>. <c>utf8</c>.
/// </summary>
public readonly struct Utf8Codec : IKeyCodec<string>
{
    /// <summary>Longer strings are measured, rather than taken for the longest possible.</summary>
    private const int ShortString = 256;

    private const int MaxBytesPerChar = 3;

    private static readonly UTF8Encoding Strict =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <inheritdoc/>
    public static string Name => "utf8";

    /// <inheritdoc/>
    public static bool IsPrefixFree => false;

    /// <inheritdoc/>
    public static int GetMaxLength(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Length <= ShortString ? MaxBytesPerChar * value.Length : Encoding.UTF8.GetByteCount(value);
    }

    /// <inheritdoc/>
    public static int Write(string value, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(value);
        var status = Utf8.FromUtf16(value, destination, out var read, out var written, replaceInvalidSequences: false);
        return status switch
        {
            OperationStatus.Done => written,
            OperationStatus.DestinationTooSmall =>
                throw new ArgumentException("The string needs more bytes.", nameof(destination)),
            _ => throw new ArgumentException(
                $"The string has half a surrogate pair at index {read}, which has no UTF-8 form.", nameof(value)),
        };
    }

    /// <inheritdoc/>
    public static string Read(ReadOnlySpan<byte> source, out int length)
    {
        length = source.Length;
        try
        {
            return Strict.GetString(source);
        }
        catch (DecoderFallbackException e)
        {
            throw Malformed.NoValue(source, Name, e);
        }
    }
}
