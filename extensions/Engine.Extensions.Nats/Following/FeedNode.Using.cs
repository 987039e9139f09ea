using Engine.Extensions.Nats.Following;
using Engine.Extensions.Nats.Inspection;
using Engine.Extensions.Nats.Log;
using NATS.Client.Core;

namespace Engine.Extensions.Nats;

/// <content>Writing on the primary, and waiting.</content>
public sealed partial class FeedNode
{
    /// <summary>Waits until this node is the primary.</summary>
    /// <param name="cancellationToken">Ends the waiting, which otherwise takes as long as it takes.</param>
    /// <returns>The database, which can be written to until the node is deposed (<see cref="Database"/>).</returns>
    /// <exception cref="ReplicaException">The node has failed: see <see cref="Status"/>.</exception>
    /// <exception cref="ObjectDisposedException">The node was disposed.</exception>
    public Task<Database> WaitForPrimaryAsync(CancellationToken cancellationToken = default) =>
        _leading.Task.WaitAsync(cancellationToken);

    /// <summary>
    /// Writes in one transaction, commits it durably here, and waits until it is in the stream, which a majority of the
    /// servers has then: another primary will have it, too.
    /// </summary>
    /// <remarks>
    /// The local commit stands first. After a <see cref="PublishTimeoutException"/> or a
    /// <see cref="NotPrimaryException"/> that says that it stands, it is not known whether others will have it; before
    /// the commit, nothing was written.
    /// </remarks>
    /// <param name="write">Writes; what it throws aborts the transaction.</param>
    /// <param name="cancellationToken">Ends the waiting; the commit may stand, and may be published.</param>
    /// <returns>Id of the state that it is in: a transaction id of this database.</returns>
    /// <exception cref="NotPrimaryException">This node is not the primary, or ceased to be it.</exception>
    /// <exception cref="PublishTimeoutException">It was committed, and not published in time.</exception>
    public async Task<ulong> WriteAsync(
        Action<WriteTransaction> write, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(write);
        var database = _database;
        RequirePrimary();
        ulong state;
        try
        {
            state = await database.WriteAsync(
                write,
                static (tx, write) =>
                {
                    write(tx);
                    return tx.TransactionId;
                },
                cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ObjectDisposedException or InvalidOperationException
            && !ReferenceEquals(database, _database))
        {
            throw CeasedMeanwhile(e);
        }

        await WaitForPublishedAsync(database, state, cancellationToken).ConfigureAwait(false);
        return state;
    }

    /// <summary>
    /// Commits a transaction of this node's <see cref="Database"/> durably, and waits until it is in the stream, as
    /// <see cref="WriteAsync"/> does.
    /// </summary>
    /// <param name="transaction">A transaction of the database of this node, the primary.</param>
    /// <param name="cancellationToken">Ends the waiting; the commit may stand, and may be published.</param>
    /// <returns>Id of the state that it is in.</returns>
    /// <exception cref="NotPrimaryException">This node is not the primary, or ceased to be it.</exception>
    /// <exception cref="PublishTimeoutException">It was committed, and not published in time.</exception>
    public async Task<ulong> CommitAsync(WriteTransaction transaction, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transaction);

        // With its term a database is closed, and commits nothing then: what commits below is of this one.
        RequirePrimary();
        var term = _term!;
        ulong state;
        try
        {
            state = await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ObjectDisposedException e) when (Role != FeedRole.Primary || !ReferenceEquals(term, _term))
        {
            throw CeasedMeanwhile(e);
        }

        await AwaitPublishedAsync(term, state, cancellationToken).ConfigureAwait(false);
        return state;
    }

    /// <summary>
    /// Waits until a commit on this node, the primary, is in the stream: every later primary has it then.
    /// </summary>
    /// <param name="database">
    /// The database that it was committed to, as <see cref="Database"/> was then; it may be closed by now. An id means
    /// nothing in the database that takes the place of one that was set aside.
    /// </param>
    /// <param name="stateId">What <see cref="WriteTransaction.Commit"/> returned, of a durable commit.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="PublishTimeoutException">It was not published in time: wait again.</exception>
    /// <exception cref="NotPrimaryException">
    /// This node is not the primary, or ceased to be it. The commit stands here, and it is not known whether it is in
    /// the stream. If the node becomes the primary again, this can be asked again; if another one does,
    /// <see cref="CommitsSetAside"/> tells what was not, and this is thrown for good.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The node was disposed.</exception>
    public async Task WaitForPublishedAsync(
        Database database, ulong stateId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(database);
        if (_term is not { } term)
        {
            RequirePrimary();
            throw NotPrimary();
        }

        if (term.Path != database.Path)
        {
            throw new NotPrimaryException(
                $"{database.Path} is no longer the database of {_options.NodeName}, which began anew when another node "
                + "led. What was committed there and not published was set aside (FeedStatus.SetAside).");
        }

        await AwaitPublishedAsync(term, stateId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Gives up being the primary: nobody can write any more, what was committed is published, and then the lease is
    /// given up for another node. Nothing happens if this one is not the primary. Another node has to be there, or this
    /// one takes the lease again.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting, and not the resignation.</param>
    public async Task ResignAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        if (Role != FeedRole.Primary)
        {
            return;
        }

        await _resigning.CancelAsync().ConfigureAwait(false);
        while (Role == FeedRole.Primary || _publisher is not null)
        {
            await Task.Delay(_options.MinBackoff, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until this node, a follower, has applied a message of the stream.</summary>
    /// <param name="sequence">
    /// Its sequence: for example <see cref="AppliedSequence"/> of the primary after
    /// <see cref="WaitForPublishedAsync"/>.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting, which otherwise takes as long as it takes.</param>
    /// <exception cref="ReplicaException">The node has failed: see <see cref="Status"/>.</exception>
    /// <exception cref="ObjectDisposedException">The node was disposed.</exception>
    public Task WaitForAsync(ulong sequence, CancellationToken cancellationToken = default) =>
        AppliedSequence >= sequence && _failure is null
            ? Task.CompletedTask
            : _applied.WaitAsync(sequence, cancellationToken);

    /// <summary>Waits until everything is applied that the stream had when this was called.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ReplicaException">The server cannot be asked; or the node has failed.</exception>
    public async Task CatchUpAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        var state = await _stream.GetStateAsync(cancellationToken).ConfigureAwait(false);
        await WaitForAsync(state.LastSeq, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Takes a snapshot now, and cuts the stream behind it. There is no need to: nodes do it among themselves
    /// (<see cref="ReplicaOptions.SnapshotAfterMessages"/>).
    /// </summary>
    /// <param name="cancellationToken">Ends it; what was stored so far is deleted with the next one.</param>
    /// <returns>False if another node is at it, or was a moment ago.</returns>
    /// <exception cref="NotPrimaryException">
    /// This node may have commits that are not published, or has published nothing yet.
    /// </exception>
    /// <exception cref="ReplicaException">The server cannot be asked.</exception>
    public async Task<bool> TakeSnapshotAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        try
        {
            return await _keeper.TryTakeAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Failures.IsOfNetwork(e))
        {
            throw Failures.Translate(_stream.Connection, "Taking a snapshot", e);
        }
    }

    /// <summary>
    /// Digests of all trees of the newest state that was applied here, or, on the primary, published. Reads the whole
    /// database, on a thread of the pool. To compare nodes while they are written to, use
    /// <see cref="ReplicaInspector"/>.
    /// </summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="NotPrimaryException">
    /// This node may have commits that are not published, or has published nothing yet.
    /// </exception>
    public Task<DigestReport> ComputeDigestAsync(CancellationToken cancellationToken = default) => Task.Run(
        () =>
        {
            using var source = OpenSource();
            var progress = FeedProgress.Read(Convert.FromBase64String(source.Progress!));
            return NewDigest(source.Snapshot, progress.Log, cancellationToken);
        },
        cancellationToken);

    private void RequirePrimary()
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        if (_failure is { } failure)
        {
            throw new NotPrimaryException($"{_options.NodeName} has failed: {failure.Message}", failure);
        }

        if (Role != FeedRole.Primary)
        {
            throw NotPrimary();
        }
    }

    private async Task AwaitPublishedAsync(FeedTerm term, ulong stateId, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_options.WriteTimeout);
        try
        {
            await term.Published.WaitAsync(stateId, timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PublishTimeoutException(
                $"State {stateId} was not published within {_options.WriteTimeout.TotalSeconds} seconds"
                + $"{(_publisher?.Trouble is { } trouble ? $" ({trouble.Message})" : string.Empty)}. It stands in this "
                + "node's database, and is published as soon as the stream takes it: wait again.",
                e);
        }
    }

    private NotPrimaryException CeasedMeanwhile(Exception e) => new(
        $"{_options.NodeName} ceased to be the primary while this was written. It may stand in the node's database; "
        + "whether it is published is not known.",
        e);

    private NotPrimaryException NotPrimary() => new(
        $"{_options.NodeName} is not the primary. Write on the one that is (FeedNode.Role), or wait until this one is "
        + "(WaitForPrimaryAsync).");

    /// <summary>Digests are asked for by anybody; the primary settles at which place of the stream.</summary>
    private async Task AnswerMarkRequestsAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var request in _stream.Connection
                    .SubscribeAsync(
                        _stream.Names.MarkSubject,
                        serializer: NatsRawSerializer<byte[]>.Default,
                        cancellationToken: cancellationToken)
                    .ConfigureAwait(false))
                {
                    if (request.ReplyTo is { } replyTo)
                    {
                        _publisher?.Mark(replyTo);
                    }
                }
            }
            catch (Exception e) when (Failures.IsOfNetwork(e) || e is ObjectDisposedException)
            {
                if (!cancellationToken.IsCancellationRequested)
                {
                    await Task.Delay(_options.MaxBackoff, CancellationToken.None).ConfigureAwait(false);
                }
            }
        }
    }
}
