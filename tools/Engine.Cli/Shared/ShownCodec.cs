using System.Globalization;
using System.Text;

namespace Engine.Cli.Shared;

/// <summary>
/// How what a codec has encoded is shown (docs/encodings.md): numbers and times in the notation of the invariant
/// culture, tuples in brackets. Text and bytes by themselves are no codecs to be shown: they are shown as any others.
/// </summary>
internal sealed class ShownCodec
{
    private static readonly Dictionary<string, ShownCodec> Known = new(StringComparer.Ordinal)
    {
        ["bool"] = Of<bool, BooleanCodec>(static value => value ? "true" : "false"),
        ["char"] = Of<char, IntegerCodec<char>>(Character),
        ["u8"] = Number<byte>(),
        ["i8"] = Number<sbyte>(),
        ["u16"] = Number<ushort>(),
        ["i16"] = Number<short>(),
        ["u32"] = Number<uint>(),
        ["i32"] = Number<int>(),
        ["u64"] = Number<ulong>(),
        ["i64"] = Number<long>(),
        ["u128"] = Number<UInt128>(),
        ["i128"] = Number<Int128>(),
        ["f32"] = Of<float, SingleCodec>(Format),
        ["f64"] = Of<double, DoubleCodec>(Format),
        ["decimal"] = Of<decimal, DecimalCodec>(Format),
        ["datetime"] = Of<DateTime, DateTimeCodec>(Time),
        ["utc"] = Of<DateTime, UtcDateTimeCodec>(Time),
        ["instant"] = Of<DateTimeOffset, DateTimeOffsetCodec>(Time),
        ["timespan"] = Of<TimeSpan, TimeSpanCodec>(static value => value.ToString("c", CultureInfo.InvariantCulture)),
        ["date"] = Of<DateOnly, DateOnlyCodec>(
            static value => value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
        ["time"] = Of<TimeOnly, TimeOnlyCodec>(
            static value => value.ToString("HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture)),
        ["guid"] = Of<Guid, GuidCodec>(static value => value.ToString("D")),
        ["f32-exact"] = OfValue<float, ExactSingleCodec>(Format),
        ["f64-exact"] = OfValue<double, ExactDoubleCodec>(Format),
        ["decimal-exact"] = OfValue<decimal, ExactDecimalCodec>(Format),
        ["datetime-exact"] = OfValue<DateTime, ExactDateTimeCodec>(Time),
        ["instant-exact"] = OfValue<DateTimeOffset, ExactDateTimeOffsetCodec>(Time),
    };

    /// <summary>What only parts of tuples are shown as.</summary>
    private static readonly Dictionary<string, ShownCodec> Parts = new(StringComparer.Ordinal)
    {
        ["utf8"] = Of<string, Utf8Codec>(Quote),
        ["bytes"] = Of<byte[], BytesCodec>(static value => "0x" + Convert.ToHexStringLower(value)),
    };

    private readonly Reader _whole;
    private readonly Reader? _part;

    private ShownCodec(Reader whole, Reader? part)
    {
        _whole = whole;
        _part = part;
    }

    /// <summary>Reads what bytes begin with, and says how many these are.</summary>
    private delegate string Reader(ReadOnlySpan<byte> source, out int length);

    /// <summary>The codec of a name; null if it is not known, or shows nothing but bytes.</summary>
    public static ShownCodec? Find(string? name)
    {
        if (name is null)
            return null;
        if (Known.TryGetValue(name, out ShownCodec? known))
            return known;
        int at = 0;
        return FindTuple(name, ref at) is { } tuple && at == name.Length ? tuple : null;
    }

    /// <summary>Shows bytes; null if the codec has not made them.</summary>
    public string? Show(ReadOnlySpan<byte> bytes)
    {
        try
        {
            string text = _whole(bytes, out int length);
            return length == bytes.Length ? text : null;
        }
        catch (InvalidEncodingException)
        {
            return null;
        }
    }

    /// <summary>A tuple whose name begins somewhere in a text.</summary>
    private static ShownCodec? FindTuple(string name, ref int at)
    {
        if (at == name.Length || name[at] != '(')
            return null;
        var parts = new List<Reader>();
        do
        {
            at++;
            ShownCodec? part;
            if (at < name.Length && name[at] == '(')
            {
                part = FindTuple(name, ref at);
            }
            else
            {
                int length = name.AsSpan(at).IndexOfAny(',', ')');
                if (length < 0)
                    return null;
                string inner = name.Substring(at, length);
                part = Parts.GetValueOrDefault(inner) ?? Known.GetValueOrDefault(inner);
                at += length;
            }

            if (part?._part is null)
                return null;
            parts.Add(part._part);
        }
        while (at < name.Length && name[at] == ',');

        if (at == name.Length || name[at] != ')')
            return null;
        at++;
        return Tuple([.. parts]);
    }

    private static ShownCodec Tuple(Reader[] parts)
    {
        return new ShownCodec(Read, Read);

        string Read(ReadOnlySpan<byte> source, out int length)
        {
            var text = new StringBuilder("(");
            length = 0;
            foreach (Reader part in parts)
            {
                text.Append(length > 0 || text.Length > 1 ? ", " : "").Append(part(source[length..], out int read));
                length += read;
            }

            return text.Append(')').ToString();
        }
    }

    private static ShownCodec Of<T, TCodec>(Func<T, string> format)
        where TCodec : IKeyCodec<T> => new(
            (ReadOnlySpan<byte> source, out int length) => format(TCodec.Read(source, out length)),
            (ReadOnlySpan<byte> source, out int length) => format(KeyPart<T, TCodec>.Read(source, out length)));

    private static ShownCodec OfValue<T, TCodec>(Func<T, string> format)
        where TCodec : IValueCodec<T> => new(
            (ReadOnlySpan<byte> source, out int length) => format(TCodec.Read(source, out length)), null);

    private static ShownCodec Number<T>()
        where T : unmanaged, System.Numerics.IBinaryInteger<T>, System.Numerics.IMinMaxValue<T> =>
        Of<T, IntegerCodec<T>>(static value => Format(value));

    private static string Format<T>(T value)
        where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

    private static string Character(char value) =>
        char.IsSurrogate(value) ? $"U+{(int)value:X4}" : Quote(value.ToString());

    private static string Time(DateTime value)
    {
        string text = value.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);
        return value.Kind switch
        {
            DateTimeKind.Utc => text + "Z",
            DateTimeKind.Local => text + " local",
            _ => text,
        };
    }

    private static string Time(DateTimeOffset value) => value.ToString(
        value.Offset == TimeSpan.Zero ? "yyyy-MM-ddTHH:mm:ss.FFFFFFF'Z'" : "yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz",
        CultureInfo.InvariantCulture);

    /// <summary>Text in quotes, with <c>\hh</c> for these and for what does not print.</summary>
    private static string Quote(string text) => text.Length == 0
        ? "\"\""
        : $"\"{ReadableText.Format(Encoding.UTF8.GetBytes(text)).Replace("\"", "\\22", StringComparison.Ordinal)}\"";
}
