namespace Engine.PropertyTests.Simulation;

/// <summary>Bytes appended one after the other and forgotten together.</summary>
internal sealed class ByteArena
{
    private byte[] _bytes = new byte[4096];
    private int _used;

    public int Add(ReadOnlySpan<byte> data)
    {
        if (_used + data.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_used + data.Length, _bytes.Length * 2));
        }

        data.CopyTo(_bytes.AsSpan(_used));
        _used += data.Length;
        return _used - data.Length;
    }

    public ReadOnlySpan<byte> Slice(int start, int length) => _bytes.AsSpan(start, length);

    public void Clear() => _used = 0;
}
