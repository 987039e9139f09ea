using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>Refusing bytes that are no encoding. Throwing out of line keeps the codecs small.</summary>
internal static class Malformed
{
    /// <summary>Refuses what is too short for an encoding of a fixed length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ThrowIfShorter(ReadOnlySpan<byte> source, int length, string codec)
    {
        if (source.Length < length)
        {
            ThrowTooShort(source.Length, length, codec);
        }
    }

    [DoesNotReturn]
    public static void ThrowNoValue(ReadOnlySpan<byte> source, string codec) => throw NoValue(source, codec);

    public static InvalidEncodingException NoValue(
        ReadOnlySpan<byte> source, string codec, Exception? innerException = null)
    {
        const int Shown = 32;
        var hex = Convert.ToHexString(source[..Math.Min(source.Length, Shown)]);
        var more = source.Length > Shown ? $"… ({source.Length} bytes)" : "";
        return new InvalidEncodingException($"The bytes {hex}{more} are no encoding of '{codec}'.", innerException);
    }

    [DoesNotReturn]
    public static void ThrowTooLong(int length, int read, string codec) =>
        throw new InvalidEncodingException(
            $"The encoding has {length} bytes, of which '{codec}' takes {read}: it was written as something else.");

    [DoesNotReturn]
    private static void ThrowTooShort(int length, int needed, string codec) =>
        throw new InvalidEncodingException(
            $"The encoding has {length} bytes, and '{codec}' needs {needed}: it was written as something else.");
}
