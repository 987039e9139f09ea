namespace Engine.Backups;

/// <summary>
/// What a decompressor reads from. Decompressors read ahead, and do not tell what they left; so the last piece of the
/// other stream is given byte by byte, and what they have not come to is still here. Never closes the other stream.
/// </summary>
/// <param name="inner">The other stream.</param>
internal sealed class EndingStream(Stream inner) : Stream
{
    private const int PieceSize = 32 * 1024;

    private byte[] _piece = new byte[PieceSize];
    private byte[] _next = new byte[PieceSize];
    private int _position;
    private int _length;
    private int _nextLength = -1;

    /// <summary>Whether nothing is left; reads, if need be, to know.</summary>
    public bool IsAtEnd => !TryLoad();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty || !TryLoad())
        {
            return 0;
        }

        var length = _nextLength == 0 ? 1 : Math.Min(buffer.Length, _length - _position);
        _piece.AsSpan(_position, length).CopyTo(buffer);
        _position += length;
        return length;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Sees to it that there are bytes, and that it is known whether others follow them.</summary>
    private bool TryLoad()
    {
        if (_nextLength < 0)
        {
            _nextLength = inner.Read(_next);
        }

        if (_position == _length && _nextLength > 0)
        {
            (_piece, _next) = (_next, _piece);
            (_position, _length) = (0, _nextLength);
            _nextLength = inner.Read(_next);
        }

        return _position < _length;
    }
}
