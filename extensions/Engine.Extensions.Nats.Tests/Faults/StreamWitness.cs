using System.Buffers.Binary;
using System.Security.Cryptography;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Engine.Extensions.Nats.Tests.Faults;

/// <summary>
/// Reads a stream as anybody can, remembers what it was delivered, and says whether the servers have taken back any of
/// it. Uses nothing of what it is a witness for.
/// </summary>
/// <remarks>
/// A consumer dies with its server, and until it has another one its reader sees nothing: so there are several readers,
/// and servers choose where each of their consumers is. Each begins a little before where it was, and meets there what
/// has been replaced meanwhile.
/// </remarks>
internal sealed class StreamWitness : IAsyncDisposable
{
    private const int Readers = 3;
    private const ulong Overlap = 256;

    /// <summary>A reader that hears nothing for so long takes another consumer.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    private readonly Func<NatsConnection> _connect;
    private readonly string _stream;
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, UInt128> _delivered = [];
    private readonly HashSet<ulong> _contradicted = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _reading;

    public StreamWitness(Func<NatsConnection> connect, string stream)
    {
        _connect = connect;
        _stream = stream;
        _reading = Task.WhenAll(Enumerable.Range(0, Readers).Select(_ => Task.Run(ReadAsync)));
    }

    /// <summary>How many messages it was delivered.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _delivered.Count;
            }
        }
    }

    /// <summary>Compares what was delivered with what the stream has now that its servers have come to rest.</summary>
    /// <param name="patience">
    /// How long a stream that ends before what was delivered is asked again: who was its leader may not know yet that
    /// it is none.
    /// </param>
    /// <returns>What the stream has lost; null if that is nothing that was delivered.</returns>
    public async Task<StreamLoss?> FindLossAsync(TimeSpan patience)
    {
        Dictionary<ulong, UInt128> delivered;
        HashSet<ulong> contradicted;
        lock (_lock)
        {
            delivered = new Dictionary<ulong, UInt128>(_delivered);
            contradicted = [.. _contradicted];
        }

        if (delivered.Count == 0)
        {
            return null;
        }

        // What is asked for after that has all that was delivered before, and what is cut off meanwhile is not missed.
        var last = await AskForLastAsync(delivered.Keys.Max(), patience);
        var (present, first) = await ReadAllAsync(last);
        var lost = new HashSet<ulong>(contradicted);
        lost.UnionWith(delivered.Keys.Where(sequence => sequence > last));
        lost.UnionWith(delivered.Where(one => one.Key >= first && one.Key <= last
            && (!present.TryGetValue(one.Key, out var now) || now != one.Value)).Select(static one => one.Key));
        if (lost.Count == 0)
        {
            return null;
        }

        var common = delivered.Keys
            .Where(sequence => sequence >= first && sequence < lost.Min() && present.ContainsKey(sequence))
            .DefaultIfEmpty()
            .Max();
        return new StreamLoss(
            lost.Min(),
            lost.Max(),
            lost.Count,
            lost.Count(sequence => contradicted.Contains(sequence) || present.ContainsKey(sequence)),
            first,
            last,
            common);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _reading;
        _ending.Dispose();
    }

    private static UInt128 HashOf(INatsJSMsg<byte[]> message)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(message.Data ?? []);
        hash.AppendData(BitConverter.GetBytes(message.Metadata!.Value.Timestamp.UtcTicks));
        return BinaryPrimitives.ReadUInt128LittleEndian(hash.GetHashAndReset());
    }

    private async Task ReadAsync()
    {
        ulong last = 0;
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                await foreach (var (sequence, hash) in ConsumeAsync(last > Overlap ? last - Overlap : 1))
                {
                    last = sequence;
                    Note(sequence, hash);
                }
            }
            catch (Exception e) when (e is NatsException or OperationCanceledException or ObjectDisposedException)
            {
                // There is no leader, or no server, or no stream yet; or it is over.
            }

            await Task.Delay(100);
        }
    }

    private void Note(ulong sequence, UInt128 hash)
    {
        lock (_lock)
        {
            if (!_delivered.TryAdd(sequence, hash) && _delivered[sequence] != hash)
            {
                _contradicted.Add(sequence);
            }
        }
    }

    /// <summary>What one consumer delivers, until it is silent for too long.</summary>
    private async IAsyncEnumerable<(ulong Sequence, UInt128 Hash)> ConsumeAsync(ulong from)
    {
        await using var connection = _connect();
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        silence.CancelAfter(Silence);
        var consumer = await new NatsJSContext(connection).CreateOrderedConsumerAsync(
            _stream,
            new NatsJSOrderedConsumerOpts
            {
                DeliverPolicy = ConsumerConfigDeliverPolicy.ByStartSequence,
                OptStartSeq = from,
            },
            silence.Token);
        await foreach (var message in consumer.ConsumeAsync(
            NatsRawSerializer<byte[]>.Default, cancellationToken: silence.Token))
        {
            silence.CancelAfter(Silence);
            yield return (message.Metadata!.Value.Sequence.Stream, HashOf(message));
        }
    }

    private async Task<ulong> AskForLastAsync(ulong expected, TimeSpan patience)
    {
        using var waiting = new CancellationTokenSource(patience);
        ulong? last = null;
        while (!waiting.IsCancellationRequested && !(last >= expected))
        {
            last = (await TryAskAsync())?.LastSeq ?? last;
            await Task.Delay(100);
        }

        return last ?? throw new InvalidOperationException($"Nobody says what the stream {_stream} has.");
    }

    /// <summary>What the stream has up to a message, and from where on nothing of it was cut off.</summary>
    private async Task<(Dictionary<ulong, UInt128> Present, ulong First)> ReadAllAsync(ulong last)
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            var present = new Dictionary<ulong, UInt128>();
            var isComplete = false;
            try
            {
                var before = await TryAskAsync();
                if (before is { Messages: > 0 } && before.FirstSeq <= last)
                {
                    await foreach (var (sequence, hash) in ConsumeAsync(1))
                    {
                        present[sequence] = hash;
                        isComplete = sequence >= last;
                        if (isComplete)
                        {
                            break;
                        }
                    }
                }

                if (await TryAskAsync() is { } after && (isComplete || after.Messages == 0 || after.FirstSeq > last))
                {
                    return (present, after.FirstSeq);
                }
            }
            catch (Exception e) when (e is NatsException or OperationCanceledException)
            {
                // It did not come to the last one: once more.
            }

            await Task.Delay(100);
        }

        throw new InvalidOperationException($"The stream {_stream} cannot be read up to {last}.");
    }

    private async Task<StreamState?> TryAskAsync()
    {
        try
        {
            await using var connection = _connect();
            return (await new NatsJSContext(connection).GetStreamAsync(_stream)).Info.State;
        }
        catch (Exception e) when (e is NatsException or OperationCanceledException)
        {
            return null;
        }
    }
}
