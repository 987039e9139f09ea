using System.Globalization;
using System.Threading.Channels;
using Engine.Extensions.Nats.Log;
using Engine.Extensions.Nats.State;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Engine.Extensions.Nats.Writing;

/// <summary>
/// Puts the batches that wait into messages, and sends them until they are decided. Nodes accept the messages of a
/// writer in the order of their numbers only, so that a message that is lost, sent twice or overtaken is neither
/// applied twice nor out of turn: when this node sees one of its own passed over, it begins a new generation and sends
/// all that are undecided again. Thread-safe.
/// </summary>
internal sealed class LogPublisher
{
    private readonly LogStream _stream;
    private readonly ReplicaOptions _options;
    private readonly Lock _lock = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly Queue<PendingWrite> _queue = [];
    private readonly LinkedList<Outgoing> _undecided = [];
    private readonly ByteBudget _budget;
    private readonly int _maxMessage;
    private ulong _nextNumber = 1;
    private ulong _generation;
    private int _inFlight;
    private long _lastTicks;
    private Exception? _end;

    public LogPublisher(LogStream stream, ReplicaOptions options)
    {
        _stream = stream;
        _options = options;
        _budget = options.NewPendingBudget();
        var limit = stream.Connection.ServerInfo?.MaxPayload ?? int.MaxValue;
        _maxMessage = Math.Min(options.MaxMessageBytes, limit - Envelope.Overhead - HeadersLength);
    }

    /// <summary>Room for the headers that a message has.</summary>
    private const int HeadersLength = 256;

    /// <summary>The writer that this node is: a new one each time it is opened.</summary>
    public Guid Writer { get; private set; } = Guid.CreateVersion7();

    /// <summary>Why messages do not get through; null while they do.</summary>
    public ReplicaException? Trouble { get; private set; }

    /// <summary>Writes a batch, and waits until it is decided.</summary>
    public async Task<WriteOutcome> WriteAsync(byte[] batch, CancellationToken cancellationToken)
    {
        if (batch.Length > _maxMessage)
        {
            throw new BatchTooLargeException(
                $"The batch has {batch.Length} bytes, and a message may have {_maxMessage}: the smaller one of "
                + "ReplicaOptions.MaxMessageBytes and the server's max_payload. Split the batch, or raise both.");
        }

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_options.WriteTimeout);
        try
        {
            await _budget.TakeAsync(batch.Length, timeout.Token).ConfigureAwait(false);
            var pending = new PendingWrite(batch);
            lock (_lock)
            {
                if (_end is not null)
                {
                    _budget.GiveBack(batch.Length);
                    throw _end;
                }

                _queue.Enqueue(pending);
            }

            _wake.Writer.TryWrite(true);
            return await pending.Task.WaitAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw TimeoutOf(e);
        }
    }

    /// <summary>Sends until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _wake.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                _wake.Reader.TryRead(out _);
                while (TryTake() is { } outgoing)
                {
                    _ = SendAsync(outgoing, outgoing.Form, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Whoever cancels ends it.
        }
    }

    /// <summary>Takes note of what became of a message, after that is durable.</summary>
    public void Decide(Decision decision)
    {
        lock (_lock)
        {
            if (decision.Writer != Writer || _undecided.First is not { } first)
            {
                return;
            }

            if (decision.Outcomes is null)
            {
                if (decision.Generation == _generation)
                {
                    BeginAnew(decision.LastAccepted);
                }

                return;
            }

            var outgoing = first.Value;
            if (outgoing.Number == decision.Number)
            {
                _undecided.RemoveFirst();
                outgoing.IsDecided = true;
                for (var i = 0; i < outgoing.Writes.Length; i++)
                {
                    Complete(outgoing.Writes[i], decision.Outcomes[i]);
                }
            }
        }

        _wake.Writer.TryWrite(true);
    }

    /// <summary>
    /// After a start from a snapshot: what was decided up to it was decided unseen, and its outcomes are not known.
    /// </summary>
    public void Skip(ulong lastAccepted)
    {
        lock (_lock)
        {
            while (_undecided.First is { } first && first.Value.Number <= lastAccepted)
            {
                _undecided.RemoveFirst();
                first.Value.IsDecided = true;
                foreach (var write in first.Value.Writes)
                {
                    Fail(write, new WriteTimeoutException(
                        "This node fell behind the log while the write was under way, and started from a snapshot: "
                        + "the write was decided, and its outcome is not known here. Write it again with the same "
                        + "WriteBatch.Id to learn it."));
                }
            }
        }

        _wake.Writer.TryWrite(true);
    }

    /// <summary>Remembers the time of the stream, which new writers are made with.</summary>
    public void See(long ticks) => Volatile.Write(ref _lastTicks, ticks);

    /// <summary>Fails what waits, and what comes.</summary>
    public void End(Exception reason)
    {
        lock (_lock)
        {
            _end ??= reason;
            foreach (var write in _undecided.SelectMany(static outgoing => outgoing.Writes).Concat(_queue))
            {
                Fail(write, _end);
            }

            _undecided.Clear();
            _queue.Clear();
        }
    }

    private ReplicaException TimeoutOf(OperationCanceledException e)
    {
        const string Advice = "The write may still come to be: write it again with the same WriteBatch.Id to learn it";
        var seconds = _options.WriteTimeout.TotalSeconds;
        return Trouble switch
        {
            NoServerException no => new NoServerException($"{no.Message} {Advice}.", no),
            NoQuorumException no => new NoQuorumException($"{no.Message} {Advice}.", no),
            _ => new WriteTimeoutException($"The write was not decided within {seconds} seconds. {Advice}.", e),
        };
    }

    private Outgoing? TryTake()
    {
        lock (_lock)
        {
            if (_inFlight >= _options.MaxInFlight)
            {
                return null;
            }

            var outgoing = _generation > 0 ? _undecided.FirstOrDefault(static one => one.IsDue) : null;
            outgoing ??= TryTakeNew();
            if (outgoing is not null)
            {
                outgoing.IsDue = false;
                _inFlight++;
            }

            return outgoing;
        }
    }

    private Outgoing? TryTakeNew()
    {
        if (_queue.Count == 0)
        {
            return null;
        }

        var writes = new List<PendingWrite>();
        var length = 0;
        while (_queue.TryPeek(out var next) && (writes.Count == 0 || length + next.Batch.Length <= _maxMessage))
        {
            length += next.Batch.Length;
            writes.Add(_queue.Dequeue());
        }

        var outgoing = new Outgoing(_nextNumber++, [.. writes]);
        Encode(outgoing);
        _undecided.AddLast(outgoing);
        return outgoing;
    }

    private void BeginAnew(ulong lastAccepted)
    {
        if (_undecided.First!.Value.Number == lastAccepted + 1)
        {
            _generation++;
        }
        else
        {
            // The writer was idle for so long that it is forgotten. None of what is undecided was accepted, and
            // nothing of that writer will be any more.
            Writer = NewWriter();
            _generation = 1;
            _nextNumber = 1;
            foreach (var outgoing in _undecided)
            {
                outgoing.Number = _nextNumber++;
            }
        }

        foreach (var outgoing in _undecided)
        {
            Encode(outgoing);
            outgoing.IsDue = true;
            outgoing.Form++;
        }

        ReplicaMeter.Resent.Add(_undecided.Count);

        _wake.Writer.TryWrite(true);
    }

    /// <summary>Not older than the stream's clock says, which decides whether it is let in.</summary>
    private Guid NewWriter()
    {
        var streamTime = new DateTimeOffset(Volatile.Read(ref _lastTicks), TimeSpan.Zero);
        var now = DateTimeOffset.UtcNow;
        return Guid.CreateVersion7(now > streamTime ? now : streamTime);
    }

    private void Encode(Outgoing outgoing) => outgoing.Message = Envelope.OfWrites(
        Writer, outgoing.Number, _generation, Array.ConvertAll(outgoing.Writes, static write => write.Batch));

    private async Task SendAsync(Outgoing outgoing, int form, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(_options);
        try
        {
            while (!await TrySendAsync(outgoing, form, cancellationToken).ConfigureAwait(false))
            {
                await backoff.Wait(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (Failures.IsEnd(e, cancellationToken))
        {
            // The replica is being closed.
        }
        finally
        {
            lock (_lock)
            {
                _inFlight--;
            }

            _wake.Writer.TryWrite(true);
        }
    }

    /// <summary>Whether nothing more has to be done for it.</summary>
    private async Task<bool> TrySendAsync(Outgoing outgoing, int form, CancellationToken cancellationToken)
    {
        byte[] message;
        string id;
        lock (_lock)
        {
            if (outgoing.IsDecided || outgoing.Form != form)
            {
                return true;
            }

            message = outgoing.Message;
            id = string.Create(CultureInfo.InvariantCulture, $"{Writer:N}-{outgoing.Number}-{_generation}");
        }

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_options.RequestTimeout);
        try
        {
            var answer = await _stream.Context.PublishAsync(
                _stream.Names.LogSubject,
                message,
                NatsRawSerializer<byte[]>.Default,
                new NatsJSPubOpts { MsgId = id, ExpectedStream = _stream.Names.Stream, RetryAttempts = 1 },
                headers: null,
                timeout.Token).ConfigureAwait(false);
            answer.EnsureSuccess();
            Trouble = null;
            return true;
        }
        catch (NatsJSDuplicateMessageException)
        {
            Trouble = null;
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Failures.IsOfNetwork(e))
        {
            Trouble = Failures.Translate(_stream.Connection, "Writing to the log", e);
            return false;
        }
    }

    private void Complete(PendingWrite write, WriteOutcome outcome)
    {
        if (write.TrySetResult(outcome))
        {
            _budget.GiveBack(write.Batch.Length);
        }
    }

    private void Fail(PendingWrite write, Exception reason)
    {
        if (write.TrySetException(reason))
        {
            _budget.GiveBack(write.Batch.Length);
        }
    }
}
