using System.Diagnostics;

namespace Engine.Backups;

/// <summary>
/// Passes on what is written or read, counts it, and writes no more than so many bytes a second. Never closes the other
/// stream.
/// </summary>
/// <param name="inner">The other stream.</param>
/// <param name="bytesPerSecond">The rate; null for as fast as it goes.</param>
/// <param name="cancellation">Ends the waiting in calls that bring no token of their own.</param>
internal sealed class MeteredStream(Stream inner, long? bytesPerSecond, CancellationToken cancellation) : Stream
{
    private const int LargestPiece = 64 * 1024;
    private const int SmallestPiece = 1024;
    private const int PiecesPerSecond = 20;

    private readonly long _start = Stopwatch.GetTimestamp();

    private readonly int _piece = bytesPerSecond is { } rate
        ? (int)Math.Clamp(rate / PiecesPerSecond, SmallestPiece, LargestPiece)
        : int.MaxValue;

    /// <summary>Bytes that passed.</summary>
    public long Bytes { get; private set; }

    /// <summary>From now on nothing passes any more: what comes is what a compressor still has.</summary>
    public bool IsBroken { get; set; }

    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty && !IsBroken)
        {
            var length = Math.Min(buffer.Length, _piece);
            if (Delay() is var delay && delay > TimeSpan.Zero)
            {
                cancellation.WaitHandle.WaitOne(delay);
            }

            // Until it has passed: a compressor that is given up after a failure writes what it still has.
            IsBroken = true;
            cancellation.ThrowIfCancellationRequested();
            inner.Write(buffer[..length]);
            IsBroken = false;
            Bytes += length;
            buffer = buffer[length..];
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty && !IsBroken)
        {
            var length = Math.Min(buffer.Length, _piece);
            if (Delay() is var delay && delay > TimeSpan.Zero)
            {
                IsBroken = true;
                await Task.Delay(delay, cancellation).ConfigureAwait(false);
            }

            IsBroken = true;
            cancellation.ThrowIfCancellationRequested();
            await inner.WriteAsync(buffer[..length], cancellationToken).ConfigureAwait(false);
            IsBroken = false;
            Bytes += length;
            buffer = buffer[length..];
        }
    }

    public override void Flush()
    {
        if (!IsBroken)
        {
            inner.Flush();
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        IsBroken ? Task.CompletedTask : inner.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var length = inner.Read(buffer);
        Bytes += length;
        return length;
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>How long to wait until what has passed is no more than the rate allows.</summary>
    private TimeSpan Delay() => bytesPerSecond is { } rate
        ? TimeSpan.FromSeconds((double)Bytes / rate) - Stopwatch.GetElapsedTime(_start)
        : TimeSpan.Zero;
}
