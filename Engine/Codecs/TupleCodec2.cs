namespace Engine;

/// <summary>
/// Tuples of two parts: each as <see cref="KeyPart{T, TCodec}"/> has it, one behind the other. Ordered by the
/// first part, then the next. The name is made of those of the parts, as <c>(utf8,i64)</c>.
/// </summary>
/// <typeparam name="T1">The first part.</typeparam>
/// <typeparam name="T2">The second part.</typeparam>
/// <typeparam name="TCodec1">The codec of the first part.</typeparam>
/// <typeparam name="TCodec2">The codec of the second part.</typeparam>
public readonly struct TupleCodec<T1, T2, TCodec1, TCodec2> : IKeyCodec<(T1, T2)>
    where TCodec1 : IKeyCodec<T1>
    where TCodec2 : IKeyCodec<T2>
{
    /// <inheritdoc/>
    public static string Name { get; } = $"({TCodec1.Name},{TCodec2.Name})";

    /// <inheritdoc/>
    public static bool IsPrefixFree => true;

    /// <inheritdoc/>
    public static int PartCount => 2;

    /// <inheritdoc/>
    public static int GetMaxLength((T1, T2) value) => GetMaxLengthOfFirst(value, PartCount);

    /// <inheritdoc/>
    public static int Write((T1, T2) value, Span<byte> destination) => WriteFirst(value, PartCount, destination);

    /// <inheritdoc/>
    public static (T1, T2) Read(ReadOnlySpan<byte> source, out int length)
    {
        var first = KeyPart<T1, TCodec1>.Read(source, out length);
        var second = KeyPart<T2, TCodec2>.Read(source[length..], out var lengthOfSecond);
        length += lengthOfSecond;
        return (first, second);
    }

    /// <inheritdoc/>
    public static int GetLength(ReadOnlySpan<byte> source)
    {
        var length = KeyPart<T1, TCodec1>.GetLength(source);
        return length + KeyPart<T2, TCodec2>.GetLength(source[length..]);
    }

    /// <inheritdoc/>
    public static int GetMaxLengthOfFirst((T1, T2) key, int parts)
    {
        var length = KeyPart<T1, TCodec1>.GetMaxLength(key.Item1);
        if (parts > 1)
        {
            length += KeyPart<T2, TCodec2>.GetMaxLength(key.Item2);
        }

        return length;
    }

    /// <inheritdoc/>
    public static int WriteFirst((T1, T2) key, int parts, Span<byte> destination)
    {
        var length = KeyPart<T1, TCodec1>.Write(key.Item1, destination);
        if (parts > 1)
        {
            length += KeyPart<T2, TCodec2>.Write(key.Item2, destination[length..]);
        }

        return length;
    }
}
