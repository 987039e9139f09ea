using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using Engine.Extensions.Nats.Coordination;
using Engine.Extensions.Nats.Log;
using Engine.Extensions.Nats.State;

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

    private readonly FeedSender _sender;
    private readonly SequenceWaiters _published;
    private readonly Action<string, Snapshot, Progress> _mark;
    private readonly Channel<string> _marks = Channel.CreateBounded<string>(16);
    private readonly Lock _lock = new();
    private readonly int _maxPart;
    private Database _database;
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
        _sender = new FeedSender(stream, options, grip, progress);
        _database = database;
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
    public Exception? Trouble => _sender.Trouble;

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

    /// <summary>
    /// Whether the stream may have more than <see cref="Progress"/> says: a state, or parts of one, that were sent, and
    /// of which nothing was heard. No other state may be published before it is known.
    /// </summary>
    public bool IsMidway { get; private set; }

    /// <summary>Publishes until it is to stop, and a state that is under way then to its end.</summary>
    /// <param name="stopping">No other state is begun.</param>
    /// <param name="cancellationToken">Ends it at once, and leaves it midway.</param>
    /// <exception cref="DeposedException">Another node is the primary, or the lease is lost.</exception>
    public async Task RunAsync(CancellationToken stopping, CancellationToken cancellationToken)
    {
        if (_last is null)
        {
            using var newest = _database.OpenSnapshot();
            await PublishAsync(null, newest, cancellationToken).ConfigureAwait(false);
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        await using var feed = _database.Changes(_last!, includeInternal: true, ending.Token)
            .GetAsyncEnumerator(ending.Token);
        var next = feed.MoveNextAsync().AsTask();
        var marked = _marks.Reader.WaitToReadAsync(ending.Token).AsTask();
        try
        {
            while (true)
            {
                await Task.WhenAny(next, marked).ConfigureAwait(false);
                ending.Token.ThrowIfCancellationRequested();
                if (marked.IsCompleted)
                {
                    while (_marks.Reader.TryRead(out var replyTo))
                    {
                        await MarkAsync(replyTo, cancellationToken).ConfigureAwait(false);
                    }

                    marked = _marks.Reader.WaitToReadAsync(ending.Token).AsTask();
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
            await ending.CancelAsync().ConfigureAwait(false);
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
                FeedTrees.EndToLead(tx);
                FeedTrees.WriteProgress(tx, _sender.Now);
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
        IsMidway = true;
        var encoder = new StateEncoder(_database, older, newer);
        var isLast = false;
        for (ulong part = 0; !isLast; part++)
        {
            var bytes = encoder.Next(_maxPart, out isLast).ToArray();
            var (number, ends) = (part, isLast);
            await _sender.SendAsync(
                () => FeedMessage.OfPart(
                    _sender.Now.Epoch, _sender.Now.Accepted, newer.TransactionId, number, ends, encoder.IsFull, bytes),
                string.Create(CultureInfo.InvariantCulture, $"{_sender.Now.Epoch}-{newer.TransactionId}-{part}"),
                cancellationToken).ConfigureAwait(false);
        }

        SetLast(_database.OpenSnapshot(FeedTrees.Sending), new FeedProgressBox(_sender.Now));
        IsMidway = false;
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
                        FeedTrees.WriteProgress(tx, _sender.Now);
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
        await _sender.SendAsync(() => mark, id, cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            Progress = new FeedProgressBox(_sender.Now);
        }

        if (OpenPublished() is { } published)
        {
            _mark(replyTo, published.Snapshot, published.Progress.Log);
        }
    }
}
