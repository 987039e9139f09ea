namespace Engine;

/// <summary>
/// Tuples of four parts: each as <see cref="KeyPart{T, TCodec}"/> has it, one behind the other. Ordered by the
/// first part, then the next. The name is made of those of the parts, as <c>(utf8,i64)</c>.
/// </summary>
/// <typeparam name="T1">The first part.</typeparam>
/// <typeparam name="T2">The second part.</typeparam>
/// <typeparam name="T3">The third part.</typeparam>
/// <typeparam name="T4">The fourth part.</typeparam>
/// <typeparam name="TCodec1">The codec of the first part.</typeparam>
/// <typeparam name="TCodec2">The codec of the second part.</typeparam>
/// <typeparam name="TCodec3">The codec of the third part.</typeparam>
/// <typeparam name="TCodec4">The codec of the fourth part.</typeparam>
public readonly struct TupleCodec<T1, T2, T3, T4, TCodec1, TCodec2, TCodec3, TCodec4> : IKeyCodec<(T1, T2, T3, T4)>
    where TCodec1 : IKeyCodec<T1>
    where TCodec2 : IKeyCodec<T2>
    where TCodec3 : IKeyCodec<T3>
    where TCodec4 : IKeyCodec<T4>
{
    /// <inheritdoc/>
    public static string Name { get; } = $"({TCodec1.Name},{TCodec2.Name},{TCodec3.Name},{TCodec4.Name})";

    /// <inheritdoc/>
    public static bool IsPrefixFree => true;

    /// <inheritdoc/>
    public static int PartCount => 4;

    /// <inheritdoc/>
    public static int GetMaxLength((T1, T2, T3, T4) value) => GetMaxLengthOfFirst(value, PartCount);

    /// <inheritdoc/>
    public static int Write((T1, T2, T3, T4) value, Span<byte> destination) =>
        WriteFirst(value, PartCount, destination);

    /// <inheritdoc/>
    public static (T1, T2, T3, T4) Read(ReadOnlySpan<byte> source, out int length)
    {
        var first = KeyPart<T1, TCodec1>.Read(source, out length);
        var second = KeyPart<T2, TCodec2>.Read(source[length..], out var lengthOfSecond);
        length += lengthOfSecond;
        var third = KeyPart<T3, TCodec3>.Read(source[length..], out var lengthOfThird);
        length += lengthOfThird;
        var fourth = KeyPart<T4, TCodec4>.Read(source[length..], out var lengthOfFourth);
        length += lengthOfFourth;
        return (first, second, third, fourth);
    }

    /// <inheritdoc/>
    public static int GetLength(ReadOnlySpan<byte> source)
    {
        var length = KeyPart<T1, TCodec1>.GetLength(source);
        length += KeyPart<T2, TCodec2>.GetLength(source[length..]);
        length += KeyPart<T3, TCodec3>.GetLength(source[length..]);
        return length + KeyPart<T4, TCodec4>.GetLength(source[length..]);
    }

    /// <inheritdoc/>
    public static int GetMaxLengthOfFirst((T1, T2, T3, T4) key, int parts)
    {
        var length = KeyPart<T1, TCodec1>.GetMaxLength(key.Item1);
        if (parts > 1)
        {
            length += KeyPart<T2, TCodec2>.GetMaxLength(key.Item2);
        }

        if (parts > 2)
        {
            length += KeyPart<T3, TCodec3>.GetMaxLength(key.Item3);
        }

        if (parts > 3)
        {
            length += KeyPart<T4, TCodec4>.GetMaxLength(key.Item4);
        }

        return length;
    }

    /// <inheritdoc/>
    public static int WriteFirst((T1, T2, T3, T4) key, int parts, Span<byte> destination)
    {
        var length = KeyPart<T1, TCodec1>.Write(key.Item1, destination);
        if (parts > 1)
        {
            length += KeyPart<T2, TCodec2>.Write(key.Item2, destination[length..]);
        }

        if (parts > 2)
        {
            length += KeyPart<T3, TCodec3>.Write(key.Item3, destination[length..]);
        }

        if (parts > 3)
        {
            length += KeyPart<T4, TCodec4>.Write(key.Item4, destination[length..]);
        }

        return length;
    }
}
