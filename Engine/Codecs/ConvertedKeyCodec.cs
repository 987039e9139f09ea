namespace Engine;

/// <summary>Keys of a type that are encoded as another one.</summary>
internal sealed class ConvertedKeyCodec<TKey, T>(KeyCodec<T> codec, Func<TKey, T> from, Func<T, TKey> to)
    : KeyCodec<TKey>(codec.Name, codec.PartCount)
{
    internal override bool IsPrefixFree => codec.IsPrefixFree;

    public override TKey Decode(ReadOnlySpan<byte> bytes) => to(codec.Decode(bytes));

    internal override ReadOnlySpan<byte> Encode(TKey key, Span<byte> scratch) => codec.Encode(from(key), scratch);

    internal override int TryEncode(TKey key, Span<byte> scratch) => codec.TryEncode(from(key), scratch);

    internal override ReadOnlySpan<byte> EncodeFirst(TKey key, int parts, Span<byte> scratch) =>
        codec.EncodeFirst(from(key), parts, scratch);

    internal override TKey DecodePart(ReadOnlySpan<byte> source, out int length) =>
        to(codec.DecodePart(source, out length));

    internal override int GetPartLength(ReadOnlySpan<byte> source) => codec.GetPartLength(source);
}
