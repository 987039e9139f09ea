using System.Threading.Channels;
using NATS.Client.Core;

namespace Engine.Extensions.Nats.Snapshots;

/// <summary>
/// The chunks of an object as a stream, for one who reads it on a thread of its own: what comes is copied once, to
/// where it is wanted. Reading waits for chunks; whoever fetches them waits when some are there that were not read.
/// </summary>
internal sealed class ChunkStream : Stream
{
    /// <summary>How many chunks wait for being read, at most.</summary>
    private const int ChunksAhead = 16;

    private readonly Channel<NatsMemoryOwner<byte>> _chunks = Channel.CreateBounded<NatsMemoryOwner<byte>>(
        new BoundedChannelOptions(ChunksAhead) { SingleReader = true, SingleWriter = true });

    private NatsMemoryOwner<byte> _chunk = NatsMemoryOwner<byte>.Empty;
    private int _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Adds a chunk, which is disposed when it was read.</summary>
    public ValueTask AddAsync(NatsMemoryOwner<byte> chunk, CancellationToken cancellationToken) =>
        _chunks.Writer.WriteAsync(chunk, cancellationToken);

    /// <summary>Says that no more chunks come, and why, if it is not the end.</summary>
    public void Complete(Exception? failure) => _chunks.Writer.TryComplete(failure);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (_position == _chunk.Length)
        {
            if (!TryTake())
            {
                return 0;
            }
        }

        var length = Math.Min(buffer.Length, _chunk.Length - _position);
        _chunk.Span.Slice(_position, length).CopyTo(buffer);
        _position += length;
        return length;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private bool TryTake()
    {
        NatsMemoryOwner<byte> next;
        while (!_chunks.Reader.TryRead(out next))
        {
            if (!_chunks.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                return false;
            }
        }

        _chunk.Dispose();
        _chunk = next;
        _position = 0;
        return true;
    }
}
