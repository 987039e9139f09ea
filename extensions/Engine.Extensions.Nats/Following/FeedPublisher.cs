using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using Engine.Extensions.Nats.Coordination;
using Engine.Extensions.Nats.Log;
using Engine.Extensions.Nats.State;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Engine.Extensions.Nats.Following;

/// <summary>
/// Publishes what is committed in the primary's database: one state after the other, each as its difference to the one
/// before. Before a state's first message goes, the state has a name, in the commit that says how far the one before
/// has come: so whatever a crash leaves, it is known what exactly the stream may have. Every message says which one it
/// follows, and the server takes it there and nowhere else.
/// </summary>
internal sealed class FeedPublisher : IDisposable
{
    /// <summary>Room for the headers that a message has.</summary>
    private const int HeadersLength = 512;

    private readonly LogStream _stream;
    private readonly FeedNodeOptions _options;
    private readonly LeaseGrip _grip;
    private readonly SequenceWaiters _published;
    private readonly Action<string, Snapshot, Progress> _mark;
    private readonly Channel<string> _marks = Channel.CreateBounded<string>(16);
    private readonly Lock _lock = new();
    private readonly int _maxPart;
    private Database _database;
    private FeedProgress _now;
    private Snapshot? _last;

    public FeedPublisher(
        LogStream stream,
        FeedNodeOptions options,
        Database database,
        FeedProgress progress,
        LeaseGrip grip,
        SequenceWaiters published,
        Action<string, Snapshot, Progress> mark)
    {
        _stream = stream;
        _options = options;
        _database = database;
        _now = progress;
        _grip = grip;
        _published = published;
        _mark = mark;
        _last = FeedTrees.TryOpen(database, FeedTrees.Published);
        var limit = stream.Connection.ServerInfo?.MaxPayload ?? int.MaxValue;
        _maxPart = Math.Min(options.MaxMessageBytes, limit - FeedMessage.Overhead - HeadersLength);
        Progress = new FeedProgressBox(progress);
        if (_last is { } last)
        {
            published.Reach(last.TransactionId);
        }
    }

    /// <summary>How far the stream is.</summary>
    public FeedProgressBox Progress { get; private set; }

    /// <summary>Why messages do not get through; null while they do.</summary>
    public Exception? Trouble { get; private set; }

    /// <summary>Asks for digests of what is published, at a place of its own.</summary>
    public void Mark(string replyTo) => _marks.Writer.TryWrite(replyTo);

    /// <summary>The last state that is published; null if it is not known which one that is.</summary>
    public (Snapshot Snapshot, FeedProgress Progress)? OpenPublished()
    {
        lock (_lock)
        {
            // The named one is the same state, and a snapshot of its own.
            var wanted = _last?.TransactionId;
            foreach (var name in new[] { FeedTrees.Published, FeedTrees.Sending })
            {
                if (wanted is not null && FeedTrees.TryOpen(_database, name) is { } snapshot)
                {
                    if (snapshot.TransactionId == wanted)
                    {
                        return (snapshot, Progress.Value);
                    }

                    snapshot.Dispose();
                }
            }

            return null;
        }
    }

    /// <summary>Publishes until it is cancelled.</summary>
    /// <exception cref="DeposedException">Another node is the primary, or the lease is lost.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_last is null)
        {
            using var newest = _database.OpenSnapshot();
            await PublishAsync(null, newest, cancellationToken).ConfigureAwait(false);
        }

        await using var feed = _database.Changes(_last!, includeInternal: true, cancellationToken).GetAsyncEnumerator();
        var next = feed.MoveNextAsync().AsTask();
        var marked = _marks.Reader.WaitToReadAsync(cancellationToken).AsTask();
        try
        {
            while (true)
            {
                await Task.WhenAny(next, marked).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                if (marked.IsCompleted)
                {
                    while (_marks.Reader.TryRead(out var replyTo))
                    {
                        await MarkAsync(replyTo, cancellationToken).ConfigureAwait(false);
                    }

                    marked = _marks.Reader.WaitToReadAsync(cancellationToken).AsTask();
                }

                if (next.IsCompleted)
                {
                    await next.ConfigureAwait(false);
                    await PublishAsync(_last, feed.Current.Newer, cancellationToken).ConfigureAwait(false);
                    next = feed.MoveNextAsync().AsTask();
                }
            }
        }
        finally
        {
            // Whoever enumerates may not be disposed while it moves.
            await next.ContinueWith(
                static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default)
                .ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Publishes what a database has that nobody writes to any more, and takes note that there is nothing else: it is
    /// a follower's from then on.
    /// </summary>
    public async Task DrainAsync(Database database, CancellationToken cancellationToken)
    {
        Reopen(database);
        using (var newest = database.OpenSnapshot())
        {
            await PublishAsync(_last, newest, cancellationToken).ConfigureAwait(false);
        }

        await database.WriteAsync(
            tx =>
            {
                FeedTrees.EndToLead(tx, database);
                FeedTrees.WriteProgress(tx, database, _now);
                return true;
            },
            cancellationToken: CancellationToken.None).ConfigureAwait(false);
    }

    public void Dispose() => SetLast(null, Progress);

    private void Reopen(Database database)
    {
        var wanted = _last?.TransactionId;
        SetLast(null, Progress);
        _database = database;
        foreach (var name in new[] { FeedTrees.Published, FeedTrees.Sending })
        {
            var snapshot = FeedTrees.TryOpen(database, name);
            if (snapshot is not null && snapshot.TransactionId == wanted)
            {
                SetLast(snapshot, Progress);
            }
            else
            {
                snapshot?.Dispose();
            }
        }
    }

    private void SetLast(Snapshot? snapshot, FeedProgressBox progress)
    {
        Snapshot? before;
        lock (_lock)
        {
            before = _last;
            _last = snapshot;
            Progress = progress;
        }

        before?.Dispose();
    }

    private async Task PublishAsync(Snapshot? older, Snapshot newer, CancellationToken cancellationToken)
    {
        if (older is not null && FeedTrees.ChangedTrees(older, newer).Count == 0)
        {
            _published.Reach(newer.TransactionId);
            return;
        }

        var begun = Stopwatch.GetTimestamp();
        await NameAsync(older, newer, cancellationToken).ConfigureAwait(false);
        var encoder = new StateEncoder(_database, older, newer);
        var isLast = false;
        for (ulong part = 0; !isLast; part++)
        {
            var bytes = encoder.Next(_maxPart, out isLast).ToArray();
            var (number, ends) = (part, isLast);
            await SendAsync(
                () => FeedMessage.OfPart(
                    _now.Epoch, _now.Accepted, newer.TransactionId, number, ends, encoder.IsFull, bytes),
                string.Create(CultureInfo.InvariantCulture, $"{_now.Epoch}-{newer.TransactionId}-{part}"),
                cancellationToken).ConfigureAwait(false);
        }

        SetLast(_database.OpenSnapshot(FeedTrees.Sending), new FeedProgressBox(_now));
        _published.Reach(newer.TransactionId);
        ReplicaMeter.Publishing.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds);
    }

    private async Task NameAsync(Snapshot? older, Snapshot newer, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await _database.WriteAsync(
                    tx =>
                    {
                        FeedTrees.NameStates(tx, older, newer);
                        FeedTrees.WriteProgress(tx, _database, _now);
                        return true;
                    },
                    cancellationToken: cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (WriterTimeoutException)
            {
                // Somebody writes for longer than others are to wait; this one does.
            }
        }
    }

    private async Task MarkAsync(string replyTo, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString("N");
        var mark = FeedMessage.OfMark(replyTo);
        await SendAsync(() => mark, id, cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            Progress = new FeedProgressBox(_now);
        }

        if (OpenPublished() is { } published)
        {
            _mark(replyTo, published.Snapshot, published.Progress.Log);
        }
    }

    /// <summary>Sends a message until the stream has it, right behind the last one.</summary>
    /// <param name="encode">Makes the message, which says what it follows.</param>
    /// <param name="id">By which the server knows it if it comes twice.</param>
    /// <param name="cancellationToken">Ends it; the stream may have the message.</param>
    private async Task SendAsync(Func<byte[]> encode, string id, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(_options);
        while (true)
        {
            RequireLease();
            var message = encode();
            var last = _now.Log.Applied;
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(_options.RequestTimeout);
            try
            {
                var answer = await _stream.Context.PublishAsync(
                    _stream.Names.LogSubject,
                    message,
                    NatsRawSerializer<byte[]>.Default,
                    new NatsJSPubOpts
                    {
                        MsgId = id,
                        ExpectedStream = _stream.Names.Stream,
                        ExpectedLastSequence = last,
                        RetryAttempts = 1,
                    },
                    headers: null,
                    timeout.Token).ConfigureAwait(false);
                answer.EnsureSuccess();
                Trouble = null;
                if (answer.Seq == last + 1)
                {
                    See(last + 1, message);
                    return;
                }
            }
            catch (Exception e) when (e is NatsJSDuplicateMessageException
                || (e is NatsJSApiException api && Failures.IsWrongLast(api.Error)))
            {
                // The stream has gone on: with this message, if its answer was lost, or with another one's.
                ReplicaMeter.Refused.Add(1);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && Failures.IsOfNetwork(e))
            {
                Trouble = Failures.Translate(_stream.Connection, "Publishing a state", e);
                await backoff.Wait(cancellationToken).ConfigureAwait(false);
            }

            if (await FindAsync(message, backoff, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    /// <summary>Reads what the stream has behind the last message that was seen.</summary>
    /// <returns>Whether the message is there, and counts.</returns>
    private async Task<bool> FindAsync(byte[] message, Backoff backoff, CancellationToken cancellationToken)
    {
        try
        {
            var state = await _stream.GetStateAsync(cancellationToken).ConfigureAwait(false);
            while (_now.Log.Applied < state.LastSeq)
            {
                var sequence = _now.Log.Applied + 1;
                var found = await _stream.TryReadAsync(sequence, cancellationToken).ConfigureAwait(false)
                    ?? throw new DeposedException(
                        $"Message {sequence} is gone before this primary has seen it: others have gone on.");
                See(sequence, found);
                if (found.AsSpan().SequenceEqual(message))
                {
                    Trouble = null;
                    return true;
                }
            }
        }
        catch (Exception e) when (e is NoServerException or NoQuorumException)
        {
            Trouble = e;
            await backoff.Wait(cancellationToken).ConfigureAwait(false);
        }

        return false;
    }

    private void See(ulong sequence, byte[] data)
    {
        var message = FeedMessage.Read(data, sequence);
        var isAccepted = _now.Accepts(message);
        if (isAccepted && message.Kind == FeedKind.Epoch)
        {
            throw new DeposedException($"Epoch {message.Epoch} has begun with message {sequence}: another node leads.");
        }

        _now = _now.After(sequence, DateTime.UtcNow.Ticks, data, message, isAccepted);
    }

    private void RequireLease()
    {
        if (!_grip.IsHeld)
        {
            throw new DeposedException("The lease of the primary is lost: it could not be renewed in time.");
        }
    }
}
