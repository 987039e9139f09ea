using System.Buffers;

namespace Engine;

/// <summary>Values that a serializer writes and reads.</summary>
internal sealed class SerializedCodec<T>(
    string name, Action<IBufferWriter<byte>, T> write, Func<ReadOnlySpan<byte>, T> read) : ValueCodec<T>(name)
{
    public override T Decode(ReadOnlySpan<byte> bytes) => read(bytes);

    internal override ReadOnlySpan<byte> Encode(T value, Span<byte> scratch, ref EncodingBuffer? buffer)
    {
        buffer ??= EncodingBuffer.Take();
        write(buffer, value);
        return buffer.Written;
    }
}
