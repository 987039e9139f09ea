using System.IO.Compression;

namespace Engine.Backups;

/// <summary>Writes one backup to a stream. The states are pinned until it has ended.</summary>
internal sealed class BackupJob : IDisposable
{
    private const int BufferSize = 256 * 1024;

    private readonly BackupHeader _header;
    private readonly BackupProducer _producer;
    private readonly byte[] _headerBytes;
    private readonly Action _requireOpen;
    private readonly IProgress<BackupProgress>? _progress;
    private readonly MeteredStream _target;
    private readonly CancellationToken _cancellation;
    private readonly byte[] _buffer = new byte[BufferSize];

    /// <param name="state">The state.</param>
    /// <param name="walk">Its pages.</param>
    /// <param name="baseState">What it builds on; null in a full backup.</param>
    /// <param name="compression">How to compress.</param>
    /// <param name="requireOpen">Throws when the database was closed, so that nothing is pinned any more.</param>
    /// <param name="target">Where to.</param>
    /// <param name="bytesPerSecond">How fast; null for as fast as it goes.</param>
    /// <param name="progress">Is told now and then.</param>
    /// <param name="cancellation">Ends it.</param>
    public BackupJob(
        BackupState state,
        BackupWalk walk,
        BackupState? baseState,
        BackupCompression compression,
        Action requireOpen,
        Stream target,
        long? bytesPerSecond,
        IProgress<BackupProgress>? progress,
        CancellationToken cancellation)
    {
        _header = new BackupHeader(state, baseState?.Id ?? 0, baseState?.Sum ?? 0, compression);
        _headerBytes = _header.ToBytes(out var sum);
        _producer = new BackupProducer(walk, state.PageSize, sum);
        _requireOpen = requireOpen;
        _progress = progress;
        _target = new MeteredStream(target, bytesPerSecond, cancellation);
        _cancellation = cancellation;
    }

    public BackupInfo Run()
    {
        _target.Write(_headerBytes);
        using (var body = Compress())
        {
            while (Fill() is var length && length > 0)
            {
                body.Write(_buffer.AsSpan(0, length));
            }
        }

        _target.Flush();
        return Info();
    }

    public async Task<BackupInfo> RunAsync()
    {
        await _target.WriteAsync(_headerBytes, _cancellation).ConfigureAwait(false);
        var body = Compress();
        await using (body.ConfigureAwait(false))
        {
            while (Fill() is var length && length > 0)
            {
                await body.WriteAsync(_buffer.AsMemory(0, length), _cancellation).ConfigureAwait(false);
            }
        }

        await _target.FlushAsync(_cancellation).ConfigureAwait(false);
        return Info();
    }

    /// <summary>Leaves the target open.</summary>
    public void Dispose() => _target.Dispose();

    /// <summary>
    /// The fastest level of each: a backup competes with the database for the processor, and most of what can be saved
    /// is the gaps in pages.
    /// </summary>
    private Stream Compress() => _header.Compression switch
    {
        BackupCompression.Brotli => new BrotliStream(_target, CompressionLevel.Fastest, leaveOpen: true),
        BackupCompression.ZLib => new ZLibStream(_target, CompressionLevel.Fastest, leaveOpen: true),
        _ => _target,
    };

    private int Fill()
    {
        try
        {
            _cancellation.ThrowIfCancellationRequested();
            _requireOpen();
            var length = _producer.Fill(_buffer);
            _progress?.Report(new BackupProgress(0, _producer.Pages, _target.Bytes));
            return length;
        }
        catch
        {
            // Before the compressor is disposed, which gives what it still has: there is to be no end.
            _target.IsBroken = true;
            throw;
        }
    }

    private BackupInfo Info() => _header.ToInfo(_producer.Pages, _target.Bytes);
}
