using System.Buffers.Text;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Engine.Extensions.Nats.Coordination;
using Engine.Extensions.Nats.Log;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using NATS.Client.KeyValueStore;
using NATS.Client.ObjectStore;
using NATS.Client.ObjectStore.Models;

namespace Engine.Extensions.Nats.Snapshots;

/// <summary>
/// Snapshots in the object store: the engine's backups, in chunks; and the record of the newest one in the key-value
/// bucket. Nothing is ever held in memory as a whole.
/// </summary>
internal sealed class SnapshotStore
{
    private const string RecordKey = "snapshot";
    private const string ObjectPrefix = "snapshot-";

    /// <summary>How many bytes are read ahead of what is written.</summary>
    private const int PipeBytes = 8 * 1024 * 1024;

    /// <summary>With more, reading the file is what takes the time.</summary>
    private const int MostCheckThreads = 4;

    private readonly NatsJSContext _context;
    private readonly string _bucketName;
    private readonly INatsObjStore _objects;
    private readonly ObjectReader _reader;
    private readonly int _chunkSize;

    private SnapshotStore(LogStream stream, INatsKVStore bucket, INatsObjStore objects)
    {
        _context = stream.Context;
        _bucketName = stream.Names.Bucket;
        Bucket = bucket;
        _objects = objects;
        _reader = new ObjectReader(_context, _bucketName, objects);
        var limit = stream.Connection.ServerInfo?.MaxPayload ?? 1024 * 1024;
        _chunkSize = Math.Min(512 * 1024, limit / 2);
    }

    public INatsKVStore Bucket { get; }

    public static async Task<SnapshotStore> OpenAsync(
        LogStream stream, ReplicaOptions options, CancellationToken cancellationToken)
    {
        var keys = new NatsKVContext(stream.Context);
        var objects = new NatsObjContext(stream.Context);
        var name = stream.Names.Bucket;
        try
        {
            return new SnapshotStore(
                stream,
                await FindOrCreateAsync(
                    () => keys.GetStoreAsync(name, cancellationToken),
                    () => keys.CreateStoreAsync(
                        new NatsKVConfig(name) { History = 1, NumberOfReplicas = options.Replicas },
                        cancellationToken),
                    options).ConfigureAwait(false),
                await FindOrCreateAsync(
                    () => objects.GetObjectStoreAsync(name, cancellationToken),
                    () => objects.CreateObjectStoreAsync(
                        new NatsObjConfig(name) { NumberOfReplicas = options.Replicas }, cancellationToken),
                    options).ConfigureAwait(false));
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Failures.IsOfNetwork(e))
        {
            throw Failures.Translate(stream.Connection, $"Opening the buckets {name}", e);
        }
    }

    /// <summary>
    /// The record of the newest snapshot and its revision; null and 0 if there is none. It is asked of the bucket's
    /// leader: what any server answers may be old, and an old snapshot may lie before the log.
    /// </summary>
    public async Task<(SnapshotRecord? Record, ulong Revision)> FindAsync(CancellationToken cancellationToken)
    {
        var (value, revision) = await BucketEntries.ReadAsync(_context, _bucketName, RecordKey, cancellationToken)
            .ConfigureAwait(false);
        return (value is null ? null : SnapshotRecord.Parse(value), revision);
    }

    /// <summary>Stores a state as an object; nobody knows of it until it is recorded.</summary>
    public async Task<SnapshotRecord> PutAsync(
        SnapshotSource source, BackupCompression compression, CancellationToken cancellationToken)
    {
        var (snapshot, sequence, progress) = source;
        var name = string.Create(CultureInfo.InvariantCulture, $"{ObjectPrefix}{sequence}-{Guid.NewGuid():N}");
        var pipe = NewPipe();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = WriteAsync(snapshot, compression, pipe.Writer, ending.Token);
        try
        {
            var metadata = new ObjectMetadata
            {
                Name = name,
                Options = new MetaDataOptions { MaxChunkSize = _chunkSize },
            };
            var stored = await _objects.PutAsync(metadata, pipe.Reader.AsStream(), leaveOpen: false, cancellationToken)
                .ConfigureAwait(false);
            await writing.ConfigureAwait(false);
            return new SnapshotRecord(sequence, name, (long)stored.Size, progress);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await pipe.Reader.CompleteAsync().ConfigureAwait(false);
            await writing.ContinueWith(
                static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default)
                .ConfigureAwait(false);
        }
    }

    /// <summary>Reads a snapshot back, and checks all of it.</summary>
    public async Task VerifyAsync(SnapshotRecord record, CancellationToken cancellationToken) => await ReadAsync(
        record,
        stream => Backup.Verify([stream], progress: null, cancellationToken),
        cancellationToken).ConfigureAwait(false);

    /// <summary>Makes a database of a snapshot; it has its name only when all of it is there and was checked.</summary>
    public async Task RestoreAsync(SnapshotRecord record, string path, CancellationToken cancellationToken)
    {
        // Nobody can be served from the database before this is done.
        var options = new RestoreOptions
        {
            MaxDegreeOfParallelism = Math.Min(Environment.ProcessorCount, MostCheckThreads),
        };
        await ReadAsync(record, stream => Backup.Restore([stream], path, options, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Gives the chunks of a snapshot, each of which is the taker's to dispose.</summary>
    public Task ReadChunksAsync(
        SnapshotRecord record, Func<NatsMemoryOwner<byte>, ValueTask> take, CancellationToken cancellationToken) =>
        _reader.ReadAsync(record.Object, take, cancellationToken);

    /// <summary>Makes a snapshot the newest one, unless another one was recorded meanwhile.</summary>
    public Task<bool> TryRecordAsync(SnapshotRecord record, ulong revision, CancellationToken cancellationToken) =>
        BucketEntries.TryWriteAsync(Bucket, RecordKey, record.ToString(), revision, cancellationToken);

    /// <summary>
    /// Deletes the objects that are older than a recorded one, but for the one before it, and what is left of objects
    /// that were never completed. For the holder of the lease only, who alone may be writing one.
    /// </summary>
    public async Task DeleteOlderAsync(
        SnapshotRecord newest, SnapshotRecord? previous, LeaseGrip grip, CancellationToken cancellationToken)
    {
        var living = new HashSet<string>();
        var data = $"$O.{_bucketName}.C.";
        var names = $"$O.{_bucketName}.M.";
        var stream = await _context.GetStreamAsync(
            $"OBJ_{_bucketName}", new StreamInfoRequest { SubjectsFilter = $"$O.{_bucketName}.>" }, cancellationToken)
            .ConfigureAwait(false);
        var subjects = stream.Info.State.Subjects?.Keys ?? [];
        foreach (var subject in subjects.Where(subject => subject.StartsWith(names, StringComparison.Ordinal)))
        {
            var name = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(subject.AsSpan(names.Length).TrimEnd('=')));
            var found = await _objects.GetInfoAsync(name, showDeleted: true, cancellationToken).ConfigureAwait(false);
            if (name == previous?.Object || SequenceOf(name) >= newest.Sequence)
            {
                living.Add(found.Nuid!);
            }
            else if (!found.Deleted)
            {
                await _objects.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                // What is left of it is that it was deleted.
                await PurgeAsync(subject).ConfigureAwait(false);
            }
        }

        foreach (var subject in subjects.Where(subject => subject.StartsWith(data, StringComparison.Ordinal)))
        {
            if (!living.Contains(subject[data.Length..]))
            {
                await PurgeAsync(subject).ConfigureAwait(false);
            }
        }

        async Task PurgeAsync(string subject)
        {
            if (grip.IsHeld)
            {
                await stream.PurgeAsync(new StreamPurgeRequest { Filter = subject }, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
    }

    /// <summary>Looks first: a bucket that exists is found while a server is down, and could not be made.</summary>
    private static async ValueTask<T> FindOrCreateAsync<T>(
        Func<ValueTask<T>> find, Func<ValueTask<T>> create, ReplicaOptions options)
    {
        try
        {
            return await find().ConfigureAwait(false);
        }
        catch (NatsJSApiException e) when (Failures.IsStreamMissing(e.Error) && options.CreateStream)
        {
            return await create().ConfigureAwait(false);
        }
    }

    private static ulong SequenceOf(string name) =>
        name.Split('-') is [_, var digits, ..] && ulong.TryParse(digits, CultureInfo.InvariantCulture, out var sequence)
            ? sequence
            : 0;

    private static Pipe NewPipe() => new(new PipeOptions(
        pauseWriterThreshold: PipeBytes, resumeWriterThreshold: PipeBytes / 2, useSynchronizationContext: false));

    private static async Task WriteAsync(
        Snapshot snapshot, BackupCompression compression, PipeWriter writer, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = writer.AsStream(leaveOpen: true);
            await snapshot.BackUpAsync(stream, new BackupOptions { Compression = compression }, cancellationToken)
                .ConfigureAwait(false);
            await writer.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await writer.CompleteAsync(e).ConfigureAwait(false);
            throw;
        }
    }

    private async Task ReadAsync(SnapshotRecord record, Action<Stream> read, CancellationToken cancellationToken)
    {
        await using var chunks = new ChunkStream();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var fetching = FetchAsync(record, chunks, ending.Token);
        try
        {
            await Task.Run(() => read(chunks), cancellationToken).ConfigureAwait(false);
            await fetching.ConfigureAwait(false);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await fetching.ContinueWith(
                static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default)
                .ConfigureAwait(false);
        }
    }

    private async Task FetchAsync(SnapshotRecord record, ChunkStream target, CancellationToken cancellationToken)
    {
        try
        {
            await _reader.ReadAsync(
                record.Object, chunk => target.AddAsync(chunk, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
            target.Complete(failure: null);
        }
        catch (Exception e)
        {
            target.Complete(e);
            throw;
        }
    }
}
