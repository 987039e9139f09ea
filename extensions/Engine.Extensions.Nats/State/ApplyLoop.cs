using System.Threading.Channels;
using Engine.Extensions.Nats.Log;
using Engine.Extensions.Nats.Sharding;
using Engine.Extensions.Nats.Writing;

namespace Engine.Extensions.Nats.State;

/// <summary>
/// Applies what the follower fetches: as many messages as wait, in one transaction with the sequence of the last. What
/// the disk refuses is tried again, after the database was opened anew if it says so.
/// </summary>
internal sealed class ApplyLoop
{
    private readonly ReplicaOptions _options;
    private readonly LogPublisher _publisher;
    private readonly SequenceWaiters _waiters;
    private readonly Func<Database> _reopen;
    private readonly Action<string, Snapshot, Progress> _mark;
    private readonly List<LogMessage> _messages = [];
    private readonly List<Decision> _decisions = [];
    private readonly Backoff _backoff;
    private LogApplier _applier;

    public ApplyLoop(
        LogApplier applier,
        ReplicaOptions options,
        LogPublisher publisher,
        SequenceWaiters waiters,
        Func<Database> reopen,
        Action<string, Snapshot, Progress> mark)
    {
        _applier = applier;
        _options = options;
        _publisher = publisher;
        _waiters = waiters;
        _reopen = reopen;
        _mark = mark;
        _backoff = new Backoff(options);
        Progress = new ProgressBox(applier.Progress);
        waiters.Reach(applier.Progress.Applied);
    }

    /// <summary>What is applied and durable.</summary>
    public ProgressBox Progress { get; private set; }

    /// <summary>What keeps messages from being applied; null while nothing does.</summary>
    public Exception? Trouble { get; private set; }

    public async Task RunAsync(ChannelReader<LogMessage> messages, CancellationToken cancellationToken)
    {
        while (_messages.Count > 0 || await messages.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            Take(messages);
            try
            {
                await ApplyAsync(cancellationToken).ConfigureAwait(false);
                Trouble = null;
                _backoff.Reset();
            }
            catch (DatabaseException e) when (IsPassing(e))
            {
                Trouble = e;
                await _backoff.Wait(cancellationToken).ConfigureAwait(false);
                Recover(e);
            }
        }
    }

    private static bool IsPassing(DatabaseException e) =>
        e is DatabaseFullException or DatabasePoisonedException or WriterTimeoutException or ReadersFullException
            or DatabaseBusyException;

    private void Take(ChannelReader<LogMessage> messages)
    {
        var bytes = _messages.Sum(static message => (long)message.Data.Length);
        while (bytes < _options.MaxApplyBytes && messages.TryRead(out var message))
        {
            _messages.Add(message);
            bytes += message.Data.Length;
        }
    }

    private async Task ApplyAsync(CancellationToken cancellationToken)
    {
        var count = 0;
        string? replyTo = null;
        _decisions.Clear();
        await using (var tx = await _applier.Database.BeginWriteAsync(cancellationToken).ConfigureAwait(false))
        {
            using var slot = await NodeSlots.EnterAsync(_options.Shared?.Applying, cancellationToken)
                .ConfigureAwait(false);
            while (count < _messages.Count && replyTo is null)
            {
                replyTo = _applier.Apply(tx, _messages[count++], _publisher.Writer, out var decision);
                if (decision is not null)
                {
                    _decisions.Add(decision);
                }
            }

            _applier.Complete(tx);
            await tx.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        }

        if (replyTo is not null)
        {
            _mark(replyTo, _applier.Database.OpenSnapshot(), _applier.Progress);
        }

        Publish();
        ReplicaMeter.Messages.Add(count);
        ReplicaMeter.Transactions.Add(1);
        ReplicaMeter.Lag.Record((DateTime.UtcNow.Ticks - _messages[0].Ticks) / (double)TimeSpan.TicksPerSecond);
        _options.Fetched?.Release(_messages.Take(count));
        _messages.RemoveRange(0, count);
    }

    private void Publish()
    {
        Progress = new ProgressBox(_applier.Progress);
        _publisher.See(_applier.Progress.Ticks);
        foreach (var decision in _decisions)
        {
            _publisher.Decide(decision);
        }

        _decisions.Clear();
        _waiters.Reach(_applier.Progress.Applied);
    }

    /// <summary>Goes back to what is durable. A commit whose outcome was unknown may turn out to be.</summary>
    private void Recover(DatabaseException e)
    {
        var attempted = _applier.Progress.Applied;
        var database = e is DatabasePoisonedException ? _reopen() : _applier.Database;
        if (!StateTrees.TryRead(database, out var log, out var progress))
        {
            throw new ReplicaHistoryException("The database does not say any more which log it follows.", e);
        }

        if (ReferenceEquals(database, _applier.Database))
        {
            _applier.Reset(progress);
        }
        else
        {
            _applier = new LogApplier(database, log, progress);
        }

        if (progress.Applied > Progress.Value.Applied && progress.Applied == attempted)
        {
            Publish();
        }

        _options.Fetched?.Release(_messages.Where(message => message.Sequence <= progress.Applied));
        _messages.RemoveAll(message => message.Sequence <= progress.Applied);
    }
}
