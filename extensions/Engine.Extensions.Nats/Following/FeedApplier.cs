using System.Threading.Channels;
using Engine.Extensions.Nats.Log;
using Engine.Extensions.Nats.State;

namespace Engine.Extensions.Nats.Following;

/// <summary>
/// Applies what a follower fetches: as many whole states as wait, in one transaction with the progress; a state of many
/// messages in a transaction of its own that stays open until its last part, and is given up when a new epoch begins
/// before. For one database, and one run; whatever goes wrong, another one begins with what is durable.
/// </summary>
internal sealed class FeedApplier : IAsyncDisposable
{
    private readonly Database _database;
    private readonly FeedNodeOptions _options;
    private readonly SequenceWaiters _waiters;
    private readonly Action<string, Snapshot, Progress> _mark;
    private readonly StateApplier _states;
    private readonly Guid _node;
    private WriteTransaction? _tx;
    private FeedProgress _now;
    private bool _isDirty;
    private bool _hasLed;
    private long _bytes;
    private int _messages;
    private long _firstTicks;
    private object? _claim;

    public FeedApplier(
        Database database,
        FeedState state,
        FeedNodeOptions options,
        SequenceWaiters waiters,
        Action<string, Snapshot, Progress> mark)
    {
        _database = database;
        _options = options;
        _waiters = waiters;
        _mark = mark;
        _states = new StateApplier(database);
        _node = state.Node;
        _now = state.Progress;
        _hasLed = state.HasLed;
        Durable = Seen = new FeedProgressBox(_now);
        waiters.Reach(_now.Log.Applied);
    }

    /// <summary>What is applied and durable.</summary>
    public FeedProgressBox Durable { get; private set; }

    /// <summary>What was seen, in a transaction that is open, too.</summary>
    public FeedProgressBox Seen { get; private set; }

    /// <summary>Whether the database may have commits that are not published.</summary>
    public bool HasLed => _hasLed;

    /// <summary>Whether anything has come through.</summary>
    public bool HasCommitted { get; private set; }

    public Guid Node => _node;

    /// <summary>This node's claim to an epoch, if it comes to be, ends the run. Thread-safe.</summary>
    public void Expect(Guid claim) => Volatile.Write(ref _claim, claim);

    /// <summary>Runs until it is cancelled, or this node is the primary.</summary>
    /// <exception cref="DivergedException">
    /// Another node has become the primary, and this database has commits that are not published.
    /// </exception>
    public async Task RunAsync(ChannelReader<LogMessage> messages, CancellationToken cancellationToken)
    {
        while (await messages.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (messages.TryRead(out var message))
            {
                if (await TakeAsync(message, cancellationToken).ConfigureAwait(false))
                {
                    return;
                }

                if (_bytes >= _options.MaxApplyBytes)
                {
                    await CommitAsync(cancellationToken).ConfigureAwait(false);
                }
            }

            await CommitAsync(cancellationToken).ConfigureAwait(false);
        }

        await messages.Completion.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_tx is { } tx)
        {
            _tx = null;
            await tx.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <returns>Whether this node is the primary now.</returns>
    private async Task<bool> TakeAsync(LogMessage one, CancellationToken cancellationToken)
    {
        var (isAccepted, kind, isLed) = Judge(one);
        if (!isAccepted)
        {
            if (kind == FeedKind.Mark && !_now.IsOpen)
            {
                Advance(one);
                await CommitAsync(cancellationToken).ConfigureAwait(false);
                Answer(one);
                return false;
            }

            if (kind is FeedKind.Epoch or FeedKind.Part)
            {
                ReplicaMeter.Refused.Add(1);
            }

            Advance(one);
            return false;
        }

        if (kind == FeedKind.Epoch)
        {
            return await BeginEpochAsync(one, isLed, cancellationToken).ConfigureAwait(false);
        }

        if (_hasLed)
        {
            await SeeOwnAsync(one, cancellationToken).ConfigureAwait(false);
            return false;
        }

        await ApplyPartAsync(one, cancellationToken).ConfigureAwait(false);
        return false;
    }

    private (bool IsAccepted, FeedKind Kind, bool IsOwn) Judge(LogMessage one)
    {
        var message = FeedMessage.Read(one.Data, one.Sequence);
        _now.RequireSameHistory(message, one.Sequence);
        return (_now.Accepts(message), message.Kind, message.Node == _node);
    }

    private void Advance(LogMessage one)
    {
        var message = FeedMessage.Read(one.Data, one.Sequence);
        _now = _now.After(one.Sequence, one.Ticks, one.Data, message, _now.Accepts(message));
        _firstTicks = _messages++ == 0 ? one.Ticks : _firstTicks;
        _isDirty = true;
        Seen = new FeedProgressBox(_now);
    }

    private async Task<bool> BeginEpochAsync(LogMessage one, bool isOwn, CancellationToken cancellationToken)
    {
        if (_now.IsOpen)
        {
            // What the last primary had not told to the end was never anywhere.
            await DisposeAsync().ConfigureAwait(false);
        }

        if (_hasLed && !isOwn && FeedTrees.HasUnpublished(_database))
        {
            throw new DivergedException();
        }

        Advance(one);
        var leads = FeedMessage.Read(one.Data, one.Sequence).Claim == Volatile.Read(ref _claim) as Guid?;
        var tx = await BeginAsync(cancellationToken).ConfigureAwait(false);
        FeedTrees.NoteEnd(tx, _now.Epoch - 1, _now);
        if (leads && !_hasLed)
        {
            FeedTrees.BeginToLead(tx);
            tx.DeleteSnapshot(FeedTrees.Published);
            tx.DeleteSnapshot(FeedTrees.Sending);
            tx.CreateSnapshot(FeedTrees.Published);
        }
        else if (_hasLed && !isOwn)
        {
            FeedTrees.EndToLead(tx);
            _hasLed = false;
        }

        ReplicaMeter.Epochs.Add(1);
        if (leads || _hasLed)
        {
            await CommitAsync(cancellationToken).ConfigureAwait(false);
        }

        return leads;
    }

    /// <summary>What this node has published itself: its database has it, with what came after.</summary>
    private async Task SeeOwnAsync(LogMessage one, CancellationToken cancellationToken)
    {
        Advance(one);
        if (_now.IsOpen)
        {
            return;
        }

        using var sending = FeedTrees.TryOpen(_database, FeedTrees.Sending);
        if (sending is null || sending.TransactionId != _now.StateId)
        {
            throw new ReplicaHistoryException(
                $"Message {one.Sequence} has state {_now.StateId} of this node, which it does not know that it has "
                + "published. Move its directory away, and it starts anew.");
        }

        var tx = await BeginAsync(cancellationToken).ConfigureAwait(false);
        FeedTrees.NameStates(tx, sending, null);
        await CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task ApplyPartAsync(LogMessage one, CancellationToken cancellationToken)
    {
        var (isFirst, isLast, isFull) = FormOf(one);
        if (isFirst)
        {
            if (_now.IsOpen)
            {
                await DisposeAsync().ConfigureAwait(false);
            }
            else if (!isLast)
            {
                await CommitAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        var tx = await BeginAsync(cancellationToken).ConfigureAwait(false);
        Write(tx, one, isFirst, isLast, isFull);
        var wasOpen = _now.IsOpen;
        Advance(one);
        if (wasOpen && isLast)
        {
            await CommitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static (bool IsFirst, bool IsLast, bool IsFull) FormOf(LogMessage one)
    {
        var message = FeedMessage.Read(one.Data, one.Sequence);
        return (message.Part == 0, message.IsLast, message.IsFull);
    }

    private void Write(WriteTransaction tx, LogMessage one, bool isFirst, bool isLast, bool isFull)
    {
        if (isFirst)
        {
            _states.Begin(tx, isFull);
        }

        _states.Apply(tx, FeedMessage.Read(one.Data, one.Sequence).Payload);
        _bytes += one.Data.Length;
        if (isLast)
        {
            _states.End();
        }
    }

    private async ValueTask<WriteTransaction> BeginAsync(CancellationToken cancellationToken) =>
        _tx ??= await _database.BeginWriteAsync(cancellationToken).ConfigureAwait(false);

    private async Task CommitAsync(CancellationToken cancellationToken)
    {
        if (!_isDirty || _now.IsOpen)
        {
            return;
        }

        var tx = await BeginAsync(cancellationToken).ConfigureAwait(false);
        FeedTrees.WriteProgress(tx, _now);
        await tx.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
        _isDirty = false;
        _bytes = 0;
        Durable = new FeedProgressBox(_now);
        HasCommitted = true;
        ReplicaMeter.Messages.Add(_messages);
        ReplicaMeter.Transactions.Add(1);
        ReplicaMeter.Lag.Record((DateTime.UtcNow.Ticks - _firstTicks) / (double)TimeSpan.TicksPerSecond);
        _messages = 0;
        _waiters.Reach(_now.Log.Applied);
    }

    private void Answer(LogMessage one)
    {
        var payload = FeedMessage.Read(one.Data, one.Sequence).Payload;
        if (!_hasLed && BatchEncoding.TryReadName(payload, out var replyTo))
        {
            _mark(replyTo, _database.OpenSnapshot(), _now.Log);
        }
    }
}
