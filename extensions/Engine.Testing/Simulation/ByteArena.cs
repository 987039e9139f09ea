using System.Buffers;

namespace Engine.Testing.Simulation;

/// <summary>Bytes appended one after the other and forgotten together.</summary>
internal sealed class ByteArena
{
    private byte[] _bytes = [];
    private int _used;

    public int Add(ReadOnlySpan<byte> data)
    {
        if (_used + data.Length > _bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_used + data.Length, _bytes.Length * 2));
            _bytes.AsSpan(0, _used).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        data.CopyTo(_bytes.AsSpan(_used));
        _used += data.Length;
        return _used - data.Length;
    }

    public ReadOnlySpan<byte> Slice(int start, int length) => _bytes.AsSpan(start, length);

    public void Clear() => _used = 0;

    /// <summary>Gives the memory back; doing it twice is harmless.</summary>
    public void Discard()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        (_bytes, _used) = ([], 0);
    }
}
