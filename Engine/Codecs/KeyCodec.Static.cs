namespace Engine;

/// <summary>
/// A codec of keys whose work is done by static members. Its type says which, so that composite codecs are made of the
/// codecs of their parts.
/// </summary>
/// <typeparam name="T">The type of the keys.</typeparam>
/// <typeparam name="TCodec">The codec.</typeparam>
public sealed class KeyCodec<T, TCodec> : KeyCodec<T>
    where TCodec : IKeyCodec<T>
{
    internal KeyCodec()
        : base(TCodec.Name, TCodec.PartCount)
    {
    }

    internal static KeyCodec<T, TCodec> Instance { get; } = new();

    internal override bool IsPrefixFree => TCodec.IsPrefixFree;

    /// <inheritdoc/>
    public override T Decode(ReadOnlySpan<byte> bytes)
    {
        var value = TCodec.Read(bytes, out var length);
        if (length != bytes.Length)
        {
            Malformed.ThrowTooLong(bytes.Length, length, Name);
        }

        return value;
    }

    internal override ReadOnlySpan<byte> Encode(T key, Span<byte> scratch)
    {
        var length = TCodec.GetMaxLength(key);
        if (length > scratch.Length)
        {
            scratch = new byte[length];
        }

        return scratch[..TCodec.Write(key, scratch)];
    }

    internal override int TryEncode(T key, Span<byte> scratch) =>
        TCodec.GetMaxLength(key) <= scratch.Length ? TCodec.Write(key, scratch) : -1;

    internal override ReadOnlySpan<byte> EncodeFirst(T key, int parts, Span<byte> scratch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parts, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(parts, PartCount);
        if (PartCount == 1)
        {
            return Encode(key, scratch);
        }

        var length = TCodec.GetMaxLengthOfFirst(key, parts);
        if (length > scratch.Length)
        {
            scratch = new byte[length];
        }

        return scratch[..TCodec.WriteFirst(key, parts, scratch)];
    }

    internal override T DecodePart(ReadOnlySpan<byte> source, out int length) =>
        KeyPart<T, TCodec>.Read(source, out length);

    internal override int GetPartLength(ReadOnlySpan<byte> source) => KeyPart<T, TCodec>.GetLength(source);
}
