using System.Threading.Channels;
using Engine.Extensions.Nats.State;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Engine.Extensions.Nats.Log;

/// <summary>
/// Fetches the messages of the log in order, from one sequence on, whatever becomes of connections, servers and
/// consumers. What comes twice, or out of turn, is left out; after a gap it asks anew. It fetches no more than its
/// channel takes.
/// </summary>
internal sealed class LogFollower
{
    private readonly LogStream _stream;
    private readonly ReplicaOptions _options;
    private readonly Channel<LogMessage> _messages;
    private readonly Backoff _backoff;
    private readonly Progress _after;
    private ulong _last;

    /// <summary>What the last message held; null before the first.</summary>
    private byte[]? _lastData;
    private long _received;

    public LogFollower(LogStream stream, ReplicaOptions options, Progress after)
    {
        _stream = stream;
        _options = options;
        _after = after;
        _last = after.Applied;
        _backoff = new Backoff(options);
        options.Fetched?.Reset();
        _messages = Channel.CreateBounded<LogMessage>(
            new BoundedChannelOptions(options.MaxFetchedMessages) { SingleReader = true, SingleWriter = true });
    }

    public ChannelReader<LogMessage> Messages => _messages.Reader;

    /// <summary>How far the stream is known to be.</summary>
    public ulong LastKnown { get; private set; }

    /// <summary>The last failure of the network; null while it goes well.</summary>
    public Exception? Trouble { get; private set; }

    /// <summary>Runs until it is cancelled, or finds that it cannot go on; then the channel says so.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                try
                {
                    await FollowAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (IsPassing(e) && !cancellationToken.IsCancellationRequested)
                {
                    Trouble = e;
                    await _backoff.Wait(cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e)
        {
            _messages.Writer.TryComplete(e);
        }
    }

    private static bool IsPassing(Exception e) =>
        e is NoServerException or NoQuorumException || Failures.IsOfNetwork(e);

    /// <summary>With one consumer, until it has to be replaced.</summary>
    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        var state = await _stream.GetStateAsync(cancellationToken).ConfigureAwait(false);
        LastKnown = Math.Max(LastKnown, state.LastSeq);
        if (state.FirstSeq > _last + 1)
        {
            throw new FellBehindException(_last, state.FirstSeq);
        }

        // What a leader that is one no longer says is old; what stays so is a stream that has lost messages. It may
        // have as many others by now.
        var digest = _lastData is null ? _after.LastMessage : Progress.DigestOf(_lastData);
        await HistoryCheck.RequireSameAsync(_stream, _last, digest, _options, cancellationToken).ConfigureAwait(false);
        var consumer = await _stream.CreateConsumerAsync(_last + 1, cancellationToken).ConfigureAwait(false);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = WatchAsync(ending);
        try
        {
            await foreach (var message in Pull(consumer, ending.Token).ConfigureAwait(false))
            {
                if (message.Metadata is not { } metadata)
                {
                    continue;
                }

                Trouble = null;
                _backoff.Reset();
                var sequence = metadata.Sequence.Stream;
                LastKnown = Math.Max(LastKnown, sequence + metadata.NumPending);
                if (sequence <= _last)
                {
                    continue;
                }

                if (sequence != _last + 1)
                {
                    return;
                }

                var data = message.Data ?? [];
                await _messages.Writer.WriteAsync(
                    new LogMessage(sequence, metadata.Timestamp.UtcTicks, data, metadata.NumPending),
                    cancellationToken).ConfigureAwait(false);
                _last = sequence;
                _lastData = data;
                Interlocked.Increment(ref _received);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The watch found that nothing comes.
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await watch.ConfigureAwait(false);
        }
    }

    /// <summary>What comes: as many messages ahead as may be, or as many bytes as all shards of a node share.</summary>
    private IAsyncEnumerable<INatsJSMsg<byte[]>> Pull(INatsJSConsumer consumer, CancellationToken cancellationToken)
    {
        if (_options.Fetched is { } fetched)
        {
            return fetched.PullAsync(consumer, cancellationToken);
        }

        var options = new NatsJSConsumeOpts
        {
            MaxMsgs = _options.MaxFetchedMessages,
            Expires = TimeSpan.FromSeconds(10),
            IdleHeartbeat = TimeSpan.FromSeconds(3),
        };
        return consumer.ConsumeAsync(NatsRawSerializer<byte[]>.Default, options, cancellationToken);
    }

    /// <summary>
    /// Asks the stream how far it is, and ends the consumption when messages are there that do not come: consumers are
    /// not replicated, and die with their server.
    /// </summary>
    private async Task WatchAsync(CancellationTokenSource ending)
    {
        try
        {
            while (true)
            {
                var before = Interlocked.Read(ref _received);
                await Task.Delay(_options.ProbeInterval, ending.Token).ConfigureAwait(false);
                try
                {
                    var last = _last;
                    var state = await _stream.GetStateAsync(ending.Token).ConfigureAwait(false);
                    if (state.LastSeq < last)
                    {
                        // Whoever asks anew finds out whether that stays so.
                        break;
                    }

                    var isStuck = state.LastSeq > LastKnown || (LastKnown > _last && _messages.Reader.Count == 0);
                    LastKnown = Math.Max(LastKnown, state.LastSeq);
                    if (isStuck && before == Interlocked.Read(ref _received))
                    {
                        await Task.Delay(_options.ProbeInterval, ending.Token).ConfigureAwait(false);
                        if (before == Interlocked.Read(ref _received) && _messages.Reader.Count == 0)
                        {
                            break;
                        }
                    }
                }
                catch (Exception e) when (!ending.IsCancellationRequested && IsPassing(e))
                {
                    Trouble = e;
                }
            }
        }
        catch (Exception e) when (Failures.IsEnd(e, ending.Token))
        {
            return;
        }
        catch (ReplicaException)
        {
            // The follower meets it as soon as it asks anew.
        }

        await ending.CancelAsync().ConfigureAwait(false);
    }
}
