using System.Diagnostics;
using Engine.Extensions.Nats.Coordination;
using Engine.Extensions.Nats.Following;
using Engine.Extensions.Nats.Log;
using Engine.Extensions.Nats.State;

namespace Engine.Extensions.Nats;

/// <content>The life of a node: it follows until it is the primary, and is that until it is deposed.</content>
public sealed partial class FeedNode
{
    private bool _hasProgressed;
    private long? _resignedAt;

    private async Task RunAsync()
    {
        await Task.Yield();
        using var working = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        var keeping = _options.TakesSnapshots ? _keeper.RunAsync(working.Token) : Task.CompletedTask;
        var responding = _responder.RunAsync(_closing.Token);
        var marking = AnswerMarkRequestsAsync(_closing.Token);
        try
        {
            var backoff = new Backoff(_options);
            while (true)
            {
                try
                {
                    var grip = await FollowAsync(working.Token).ConfigureAwait(false);
                    await LeadAsync(grip, working.Token).ConfigureAwait(false);
                    _trouble = null;
                    backoff.Reset();
                }
                catch (Exception e) when (IsPassing(e) && !working.IsCancellationRequested)
                {
                    if (_hasProgressed)
                    {
                        backoff.Reset();
                    }

                    _trouble = e;
                    await backoff.Wait(working.Token).ConfigureAwait(false);
                    await ReopenAsync(working.Token).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (_closing.IsCancellationRequested && Failures.IsEnd(e, _closing.Token))
        {
            // It is being closed.
        }
        catch (Exception e)
        {
            // Whoever asks is told until it is closed, and what was applied can be read.
            _failure = e;
            _applied.End(e);
            _leading.TrySetException(e);
        }

        await working.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(keeping, responding, marking).ConfigureAwait(false);
    }

    private static bool IsPassing(Exception e) =>
        e is DatabaseFullException or DatabasePoisonedException or WriterTimeoutException or ReadersFullException
            or DatabaseBusyException or NoServerException or NoQuorumException;

    /// <summary>Follows until this node is the primary.</summary>
    private async Task<LeaseGrip> FollowAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (await FollowOnceAsync(cancellationToken).ConfigureAwait(false) is { } grip)
                {
                    return grip;
                }
            }
            catch (FellBehindException)
            {
                await StartAnewAsync(isDiverged: false, cancellationToken).ConfigureAwait(false);
            }
            catch (DivergedException)
            {
                await StartAnewAsync(isDiverged: true, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <returns>The lease that this node leads with; null if it is to follow again.</returns>
    private async Task<LeaseGrip?> FollowOnceAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var applier = new FeedApplier(_writer, _state, _options, _applied, AnswerMark);
        var follower = new LogFollower(_stream, _options, _state.Progress.Log);
        var claim = new FeedClaim(_stream, _lease, _options, applier, _resignedAt);
        _applier = applier;
        _follower = follower;
        _claim = claim;
        var following = follower.RunAsync(ending.Token);
        var claiming = _options.MayLead ? claim.RunAsync(ending.Token) : Task.CompletedTask;
        var leads = false;
        try
        {
            await applier.RunAsync(follower.Messages, cancellationToken).ConfigureAwait(false);
            leads = true;
        }
        finally
        {
            try
            {
                await ending.CancelAsync().ConfigureAwait(false);
                await following.ConfigureAwait(false);
                await claiming.ConfigureAwait(false);
                await applier.DisposeAsync().ConfigureAwait(false);
            }
            finally
            {
                _progress = applier.Durable;
                _hasProgressed = applier.HasCommitted;
                _state = _state with { Progress = applier.Durable.Value, HasLed = applier.HasLed || leads };
                _applier = null;
                if (!leads)
                {
                    // Whatever went wrong: nobody renews a lease that he does nothing with.
                    await claim.DisposeAsync().ConfigureAwait(false);
                }
            }
        }

        return claim.Take();
    }

    /// <summary>Is the primary, until the lease is lost, another node leads, or this one resigns.</summary>
    private async Task LeadAsync(LeaseGrip grip, CancellationToken cancellationToken)
    {
        await using var held = grip.ConfigureAwait(false);
        var published = new SequenceWaiters();
        using var publisher = new FeedPublisher(
            _stream, _options, _writer, _state.Progress, grip, published, AnswerMark);
        _publisher = publisher;
        _term = new FeedTerm(_writer.Path, published);
        Exception? reason = null;
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _resigning.Token);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(grip.Lost);
        using var patience = stopping.Token.UnsafeRegister(_ => ending.CancelAfter(_options.DrainTimeout), null);
        try
        {
            TakeRole(_writer, isPrimary: true);
            await publisher.RunAsync(stopping.Token, ending.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is DeposedException || Failures.IsEnd(e, ending.Token))
        {
            reason = e;
        }
        catch (Exception e)
        {
            reason = e;
            throw;
        }
        finally
        {
            await StepDownAsync(publisher, published, reason, ending.Token).ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>
    /// Takes the database from those who write to it. What is committed by then is published if the lease is held;
    /// otherwise it stays in the database, until it is known who leads.
    /// </summary>
    private async Task StepDownAsync(
        FeedPublisher publisher, SequenceWaiters published, Exception? reason, CancellationToken ending)
    {
        try
        {
            var writer = _writer;
            try
            {
                TakeRole(OpenReader(), isPrimary: false);
            }
            finally
            {
                await CloseAsync(writer).ConfigureAwait(false);
            }

            _writer = Database.Open(writer.Path, _options.Database);
            await TryDrainAsync(publisher, reason, ending).ConfigureAwait(false);
            _state = FeedTrees.TryRead(_writer)!;
            _progress = new FeedProgressBox(_state.Progress);
        }
        finally
        {
            published.End(new NotPrimaryException(
                $"{_options.NodeName} is not the primary any more. What was committed and not published stands in its "
                + "database: it is published if the node becomes the primary again, and set aside if another one does.",
                reason));
            _publisher = null;
            if (_resigning.IsCancellationRequested)
            {
                _resignedAt = Stopwatch.GetTimestamp();
                _resigning.Dispose();
                _resigning = new CancellationTokenSource();
            }
        }
    }

    private async Task TryDrainAsync(FeedPublisher publisher, Exception? reason, CancellationToken ending)
    {
        if (reason is OperationCanceledException && !publisher.IsMidway && !ending.IsCancellationRequested)
        {
            try
            {
                await publisher.DrainAsync(_writer, ending).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ReplicaException or DatabaseException || Failures.IsOfNetwork(e))
            {
                _trouble = e;
            }
        }
    }

    /// <summary>Gives users another database, and tells them of their role.</summary>
    private void TakeRole(Database database, bool isPrimary)
    {
        var before = _database;
        var wasPrimary = _isPrimary;
        _database = database;
        _isPrimary = isPrimary;
        if (!ReferenceEquals(before, database) && before.IsReadOnly)
        {
            Retire(before);
        }

        if (isPrimary)
        {
            _leading.TrySetResult(database);
        }
        else if (wasPrimary)
        {
            _leading = NewLeading();
        }

        if (wasPrimary != isPrimary)
        {
            RoleChanged?.Invoke(this, EventArgs.Empty);
        }
    }

    private void AnswerMark(string replyTo, Snapshot snapshot, Progress progress) =>
        _responder.AnswerMark(replyTo, snapshot, progress, _closing.Token);
}
