using System.Buffers;
using System.Text;

namespace Engine.Cli.Shared;

/// <summary>
/// A JSON document on its way to the output: passes on what prints, and writes other characters as <c>\uXXXX</c>.
/// Outside of ASCII, a document has characters in strings only, where that is the same text.
/// </summary>
internal sealed class ReadableJson(IBufferWriter<byte> output) : IBufferWriter<byte>
{
    private byte[] _buffer = new byte[4096];
    private int _used;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(_used);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(_used);
    }

    public void Advance(int count)
    {
        _used += count;

        // A character that is not complete waits for its rest.
        ReadOnlySpan<byte> rest = PassOn(_buffer.AsSpan(0, _used));
        _used = rest.Length;
        rest.CopyTo(_buffer);
    }

    private ReadOnlySpan<byte> PassOn(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int plain = bytes.IndexOfAnyInRange((byte)0x7F, byte.MaxValue);
            if (plain < 0)
                plain = bytes.Length;
            output.Write(bytes[..plain]);
            bytes = bytes[plain..];
            if (bytes.IsEmpty)
                break;
            if (Rune.DecodeFromUtf8(bytes, out Rune rune, out int length) == OperationStatus.NeedMoreData)
                break;
            if (JsonText.IsReadable(rune))
                output.Write(bytes[..length]);
            else
                JsonText.WriteEscaped(output, rune);
            bytes = bytes[length..];
        }

        return bytes;
    }

    private void Reserve(int size)
    {
        if (_buffer.Length - _used < Math.Max(size, 1))
            Array.Resize(ref _buffer, _used + Math.Max(size, _buffer.Length));
    }
}
