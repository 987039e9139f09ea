namespace Engine;

/// <summary>
/// The codecs that go without saying, by type. Looked for once for each type, by comparisons that need no reflection.
/// </summary>
internal static class DefaultCodecs<T>
{
    public static readonly KeyCodec<T>? Key = FindKey();
    public static readonly ValueCodec<T>? Value = FindExact() ?? Key;

    private static KeyCodec<T>? FindKey()
    {
        if (typeof(T).IsEnum)
        {
            return KeyCodec<T, EnumCodec<T>>.Instance;
        }

        object? codec = Type.GetTypeCode(typeof(T)) switch
        {
            TypeCode.Boolean => KeyCodec.Boolean,
            TypeCode.Char => KeyCodec.Char,
            TypeCode.SByte => KeyCodec.SByte,
            TypeCode.Byte => KeyCodec.Byte,
            TypeCode.Int16 => KeyCodec.Int16,
            TypeCode.UInt16 => KeyCodec.UInt16,
            TypeCode.Int32 => KeyCodec.Int32,
            TypeCode.UInt32 => KeyCodec.UInt32,
            TypeCode.Int64 => KeyCodec.Int64,
            TypeCode.UInt64 => KeyCodec.UInt64,
            TypeCode.Single => KeyCodec.Single,
            TypeCode.Double => KeyCodec.Double,
            TypeCode.Decimal => KeyCodec.Decimal,
            TypeCode.DateTime => KeyCodec.DateTime,
            TypeCode.String => KeyCodec.Utf8,
            _ => FindOther(),
        };
        return (KeyCodec<T>?)codec;
    }

    private static object? FindOther()
    {
        if (typeof(T) == typeof(Guid))
        {
            return KeyCodec.Guid;
        }

        if (typeof(T) == typeof(DateTimeOffset))
        {
            return KeyCodec.DateTimeOffset;
        }

        if (typeof(T) == typeof(TimeSpan))
        {
            return KeyCodec.TimeSpan;
        }

        if (typeof(T) == typeof(DateOnly))
        {
            return KeyCodec.DateOnly;
        }

        if (typeof(T) == typeof(TimeOnly))
        {
            return KeyCodec.TimeOnly;
        }

        if (typeof(T) == typeof(Int128))
        {
            return KeyCodec.Int128;
        }

        if (typeof(T) == typeof(UInt128))
        {
            return KeyCodec.UInt128;
        }

        if (typeof(T) == typeof(byte[]))
        {
            return KeyCodec.Bytes;
        }

        return typeof(T) == typeof(ReadOnlyMemory<byte>) ? KeyCodec.Memory : null;
    }

    private static ValueCodec<T>? FindExact()
    {
        object? codec = typeof(T).IsEnum ? null : Type.GetTypeCode(typeof(T)) switch
        {
            TypeCode.Single => ValueCodec.Single,
            TypeCode.Double => ValueCodec.Double,
            TypeCode.Decimal => ValueCodec.Decimal,
            TypeCode.DateTime => ValueCodec.DateTime,
            _ => typeof(T) == typeof(DateTimeOffset) ? ValueCodec.DateTimeOffset : null,
        };
        return (ValueCodec<T>?)codec;
    }
}
