namespace Engine;

/// <summary>
/// What the name of a codec tells of its encodings, for who knows no types (docs/encodings.md): how long they are, as
/// parts of composite keys.
/// </summary>
internal static class CodecNames
{
    private const int Unknown = -1;
    private const int Escaped = -2;

    /// <summary>How many bytes the part has that some bytes begin with.</summary>
    /// <param name="codec">The name of the part's codec.</param>
    /// <param name="source">The bytes.</param>
    /// <param name="length">How many bytes it has.</param>
    /// <returns>False if nobody but who wrote it knows the codec.</returns>
    /// <exception cref="InvalidEncodingException">The bytes begin with no such part.</exception>
    public static bool TryGetPartLength(string codec, ReadOnlySpan<byte> source, out int length)
    {
        length = 0;
        if (!codec.StartsWith('('))
        {
            length = LengthOf(codec);
            if (length == Escaped)
            {
                length = PartBytes.FindEnd(source, codec, out _) + PartBytes.EndLength;
            }

            return length <= source.Length
                ? length != Unknown
                : throw Malformed.NoValue(source, codec);
        }

        foreach (var part in PartsOf(codec))
        {
            if (!TryGetPartLength(part, source[length..], out var lengthOfPart))
            {
                return false;
            }

            length += lengthOfPart;
        }

        return length > 0;
    }

    /// <summary>Whether the codec is prefix-free, so that it is its own part; null if that is not known.</summary>
    public static bool? IsPrefixFree(string codec)
    {
        if (codec.StartsWith('('))
        {
            return true;
        }

        return LengthOf(codec) switch
        {
            Unknown => null,
            Escaped => false,
            _ => true,
        };
    }

    private static int LengthOf(string codec) => codec switch
    {
        "bool" or "u8" or "i8" => 1,
        "u16" or "i16" => 2,
        "u32" or "i32" or "f32" or "date" => 4,
        "u64" or "i64" or "f64" or "datetime" or "utc" or "instant" or "timespan" or "time" => 8,
        "decimal" => 14,
        "u128" or "i128" or "guid" => 16,
        "utf8" or "bytes" => Escaped,
        _ => Unknown,
    };

    /// <summary>The names within the outer brackets.</summary>
    private static IEnumerable<string> PartsOf(string codec)
    {
        var depth = 0;
        var start = 1;
        for (var i = 0; i < codec.Length; i++)
        {
            depth += codec[i] == '(' ? 1 : codec[i] == ')' ? -1 : 0;
            if ((depth == 1 && codec[i] == ',') || (depth == 0 && i == codec.Length - 1))
            {
                yield return codec[start..i];
                start = i + 1;
            }
        }
    }
}
