namespace Engine;

/// <summary>A codec whose work is done by static members.</summary>
internal sealed class StaticValueCodec<T, TCodec>() : ValueCodec<T>(TCodec.Name)
    where TCodec : IValueCodec<T>
{
    public override T Decode(ReadOnlySpan<byte> bytes)
    {
        var value = TCodec.Read(bytes, out var length);
        if (length != bytes.Length)
        {
            Malformed.ThrowTooLong(bytes.Length, length, Name);
        }

        return value;
    }

    internal override ReadOnlySpan<byte> Encode(T value, Span<byte> scratch, ref EncodingBuffer? buffer)
    {
        var length = TCodec.GetMaxLength(value);
        if (length > scratch.Length)
        {
            buffer ??= EncodingBuffer.Take();
            scratch = buffer.GetSpan(length);
        }

        return scratch[..TCodec.Write(value, scratch)];
    }
}
