namespace Engine.Tests.Backups;

/// <summary>A target that is written forwards only.</summary>
internal abstract class WriteOnlyStream : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}

/// <summary>A target that refuses calls that block, as servers' responses do.</summary>
internal sealed class AsyncOnlyStream : WriteOnlyStream
{
    public MemoryStream Written { get; } = new();

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new InvalidOperationException("Synchronous operations are disallowed.");

    public override void Flush() => throw new InvalidOperationException("Synchronous operations are disallowed.");

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override async Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        await Task.Yield();
        Written.Write(buffer, offset, count);
    }

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        Written.Write(buffer.Span);
    }
}

/// <summary>A target with room for so many bytes.</summary>
internal sealed class FullStream(long room) : WriteOnlyStream
{
    private long _room = room;

    public override void Write(byte[] buffer, int offset, int count)
    {
        _room -= count;
        if (_room < 0)
        {
            throw new IOException("full");
        }
    }
}

/// <summary>A target whose first byte closes the database.</summary>
internal sealed class ClosingStream(Database database) : WriteOnlyStream
{
    public override void Write(byte[] buffer, int offset, int count) => database.Dispose();
}

/// <summary>A source that never gives more than a few bytes, as a pipe may.</summary>
internal sealed class DrippingStream(byte[] bytes) : MemoryStream(bytes)
{
    private int _reads;

    public override int Read(byte[] buffer, int offset, int count) =>
        base.Read(buffer, offset, Math.Min(count, 1 + (_reads++ % 7)));

    public override int Read(Span<byte> buffer)
    {
        var piece = new byte[buffer.Length];
        var length = Read(piece, 0, piece.Length);
        piece.AsSpan(0, length).CopyTo(buffer);
        return length;
    }
}
