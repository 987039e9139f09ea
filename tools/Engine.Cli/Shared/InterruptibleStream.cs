namespace Engine.Cli.Shared;

/// <summary>
/// Standard input whose blocking reads end when the command is cancelled: without it, Ctrl-C at an idle shell would
/// only be seen after the next line. The abandoned read stays behind on a pool thread until the process ends.
/// </summary>
internal sealed class InterruptibleStream : Stream
{
    private readonly Stream _inner;
    private readonly CancellationToken _cancellation;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    public InterruptibleStream(Stream inner, CancellationToken cancellation)
    {
        _inner = inner;
        _cancellation = cancellation;
    }

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
        if (_start == _end)
        {
            // Into a buffer of our own: an abandoned read must not write into one that its owner uses again.
            Task<int> read = Task.Run(() => _inner.Read(_buffer, 0, _buffer.Length), CancellationToken.None);
            Task.WaitAny([read], _cancellation);
            (_start, _end) = (0, read.GetAwaiter().GetResult());
        }

        int length = Math.Min(buffer.Length, _end - _start);
        _buffer.AsSpan(_start, length).CopyTo(buffer);
        _start += length;
        return length;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
