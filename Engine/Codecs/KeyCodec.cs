namespace Engine;

/// <summary>
/// Codecs of keys. The order of the keys is that of <see cref="Comparer{T}.Default"/>, but for strings, which are
/// ordered by code points, and bytes; keys that are equal by it are one key. docs/encodings.md has the bytes.
/// </summary>
public static class KeyCodec
{
    /// <summary><c>bool</c>: false before true.</summary>
    public static KeyCodec<bool, BooleanCodec> Boolean { get; } = Of<bool, BooleanCodec>();

    /// <summary>Code units of UTF-16, <c>char</c>.</summary>
    public static KeyCodec<char, IntegerCodec<char>> Char { get; } = Of<char, IntegerCodec<char>>();

    /// <summary><c>i8</c>.</summary>
    public static KeyCodec<sbyte, IntegerCodec<sbyte>> SByte { get; } = Of<sbyte, IntegerCodec<sbyte>>();

    /// <summary><c>u8</c>.</summary>
    public static KeyCodec<byte, IntegerCodec<byte>> Byte { get; } = Of<byte, IntegerCodec<byte>>();

    /// <summary><c>i16</c>.</summary>
    public static KeyCodec<short, IntegerCodec<short>> Int16 { get; } = Of<short, IntegerCodec<short>>();

    /// <summary><c>u16</c>.</summary>
    public static KeyCodec<ushort, IntegerCodec<ushort>> UInt16 { get; } = Of<ushort, IntegerCodec<ushort>>();

    /// <summary><c>i32</c>.</summary>
    public static KeyCodec<int, IntegerCodec<int>> Int32 { get; } = Of<int, IntegerCodec<int>>();

    /// <summary><c>u32</c>.</summary>
    public static KeyCodec<uint, IntegerCodec<uint>> UInt32 { get; } = Of<uint, IntegerCodec<uint>>();

    /// <summary><c>i64</c>.</summary>
    public static KeyCodec<long, IntegerCodec<long>> Int64 { get; } = Of<long, IntegerCodec<long>>();

    /// <summary><c>u64</c>.</summary>
    public static KeyCodec<ulong, IntegerCodec<ulong>> UInt64 { get; } = Of<ulong, IntegerCodec<ulong>>();

    /// <summary><c>i128</c>.</summary>
    public static KeyCodec<Int128, IntegerCodec<Int128>> Int128 { get; } = Of<Int128, IntegerCodec<Int128>>();

    /// <summary><c>u128</c>.</summary>
    public static KeyCodec<UInt128, IntegerCodec<UInt128>> UInt128 { get; } = Of<UInt128, IntegerCodec<UInt128>>();

    /// <summary>Single-precision numbers, <c>f32</c>: see <see cref="SingleCodec"/>.</summary>
    public static KeyCodec<float, SingleCodec> Single { get; } = Of<float, SingleCodec>();

    /// <summary>Double-precision numbers, <c>f64</c>: see <see cref="DoubleCodec"/>.</summary>
    public static KeyCodec<double, DoubleCodec> Double { get; } = Of<double, DoubleCodec>();

    /// <summary>Decimals by their value, <c>decimal</c>: see <see cref="DecimalCodec"/>.</summary>
    public static KeyCodec<decimal, DecimalCodec> Decimal { get; } = Of<decimal, DecimalCodec>();

    /// <summary>Times without their kind, <c>datetime</c>: see <see cref="DateTimeCodec"/>.</summary>
    public static KeyCodec<DateTime, DateTimeCodec> DateTime { get; } = Of<DateTime, DateTimeCodec>();

    /// <summary>Times in UTC and no others, <c>utc</c>.</summary>
    public static KeyCodec<DateTime, UtcDateTimeCodec> UtcDateTime { get; } = Of<DateTime, UtcDateTimeCodec>();

    /// <summary>Instants without their offset, <c>instant</c>: see <see cref="DateTimeOffsetCodec"/>.</summary>
    public static KeyCodec<DateTimeOffset, DateTimeOffsetCodec> DateTimeOffset { get; } =
        Of<DateTimeOffset, DateTimeOffsetCodec>();

    /// <summary><c>timespan</c>.</summary>
    public static KeyCodec<TimeSpan, TimeSpanCodec> TimeSpan { get; } = Of<TimeSpan, TimeSpanCodec>();

    /// <summary><c>date</c>.</summary>
    public static KeyCodec<DateOnly, DateOnlyCodec> DateOnly { get; } = Of<DateOnly, DateOnlyCodec>();

    /// <summary><c>time</c>.</summary>
    public static KeyCodec<TimeOnly, TimeOnlyCodec> TimeOnly { get; } = Of<TimeOnly, TimeOnlyCodec>();

    /// <summary><c>guid</c>, in the order of the digits.</summary>
    public static KeyCodec<Guid, GuidCodec> Guid { get; } = Of<Guid, GuidCodec>();

    /// <summary>Strings by code points, <c>utf8</c>: see <see cref="Utf8Codec"/>.</summary>
    public static KeyCodec<string, Utf8Codec> Utf8 { get; } = Of<string, Utf8Codec>();

    /// <summary><c>bytes</c>.</summary>
    public static KeyCodec<byte[], BytesCodec> Bytes { get; } = Of<byte[], BytesCodec>();

    /// <summary><c>bytes</c> as memory.</summary>
    public static KeyCodec<ReadOnlyMemory<byte>, MemoryCodec> Memory { get; } = Of<ReadOnlyMemory<byte>, MemoryCodec>();

    /// <summary>
    /// The codec of a type for which there is only one reasonable: numbers, <c>bool</c>, <c>char</c>, enumerations,
    /// times, <see cref="System.Guid"/>, strings and bytes.
    /// </summary>
    /// <exception cref="NotSupportedException">There is none for this type.</exception>
    public static KeyCodec<T> Default<T>() =>
        DefaultCodecs<T>.Key ?? throw new NotSupportedException(
            $"There is no codec that goes without saying for keys of {typeof(T)}. Name one: KeyCodec.Tuple for tuples, "
            + "its method As for a type of your own, KeyCodec.Of for a codec of your own.");

    /// <summary>A codec of one's own.</summary>
    /// <typeparam name="T">The type of the keys.</typeparam>
    /// <typeparam name="TCodec">The codec.</typeparam>
    public static KeyCodec<T, TCodec> Of<T, TCodec>()
        where TCodec : IKeyCodec<T> => KeyCodec<T, TCodec>.Instance;

    /// <summary>Enumerations, ordered as the integers that they are.</summary>
    public static KeyCodec<T, EnumCodec<T>> Enum<T>()
        where T : struct, Enum => Of<T, EnumCodec<T>>();

    /// <summary>Composite keys of two parts: see <see cref="TupleCodec{T1, T2, TCodec1, TCodec2}"/>.</summary>
    /// <param name="first">The codec of the first part.</param>
    /// <param name="second">The codec of the second part.</param>
    public static KeyCodec<(T1, T2), TupleCodec<T1, T2, TCodec1, TCodec2>> Tuple<T1, T2, TCodec1, TCodec2>(
        KeyCodec<T1, TCodec1> first, KeyCodec<T2, TCodec2> second)
        where TCodec1 : IKeyCodec<T1>
        where TCodec2 : IKeyCodec<T2>
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return Of<(T1, T2), TupleCodec<T1, T2, TCodec1, TCodec2>>();
    }

    /// <summary>
    /// Composite keys of three parts: see <see cref="TupleCodec{T1, T2, T3, TCodec1, TCodec2, TCodec3}"/>.
    /// </summary>
    /// <param name="first">The codec of the first part.</param>
    /// <param name="second">The codec of the second part.</param>
    /// <param name="third">The codec of the third part.</param>
    public static KeyCodec<(T1, T2, T3), TupleCodec<T1, T2, T3, TCodec1, TCodec2, TCodec3>>
        Tuple<T1, T2, T3, TCodec1, TCodec2, TCodec3>(
            KeyCodec<T1, TCodec1> first, KeyCodec<T2, TCodec2> second, KeyCodec<T3, TCodec3> third)
        where TCodec1 : IKeyCodec<T1>
        where TCodec2 : IKeyCodec<T2>
        where TCodec3 : IKeyCodec<T3>
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentNullException.ThrowIfNull(third);
        return Of<(T1, T2, T3), TupleCodec<T1, T2, T3, TCodec1, TCodec2, TCodec3>>();
    }

    /// <summary>
    /// Composite keys of four parts: see
    /// <see cref="TupleCodec{T1, T2, T3, T4, TCodec1, TCodec2, TCodec3, TCodec4}"/>.
    /// </summary>
    /// <param name="first">The codec of the first part.</param>
    /// <param name="second">The codec of the second part.</param>
    /// <param name="third">The codec of the third part.</param>
    /// <param name="fourth">The codec of the fourth part.</param>
    public static KeyCodec<(T1, T2, T3, T4), TupleCodec<T1, T2, T3, T4, TCodec1, TCodec2, TCodec3, TCodec4>>
        Tuple<T1, T2, T3, T4, TCodec1, TCodec2, TCodec3, TCodec4>(
            KeyCodec<T1, TCodec1> first,
            KeyCodec<T2, TCodec2> second,
            KeyCodec<T3, TCodec3> third,
            KeyCodec<T4, TCodec4> fourth)
        where TCodec1 : IKeyCodec<T1>
        where TCodec2 : IKeyCodec<T2>
        where TCodec3 : IKeyCodec<T3>
        where TCodec4 : IKeyCodec<T4>
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentNullException.ThrowIfNull(third);
        ArgumentNullException.ThrowIfNull(fourth);
        return Of<(T1, T2, T3, T4), TupleCodec<T1, T2, T3, T4, TCodec1, TCodec2, TCodec3, TCodec4>>();
    }
}
