using System.Diagnostics.CodeAnalysis;
using Engine.Extensions.Nats.Inspection;
using Engine.Extensions.Nats.Log;
using Engine.Extensions.Nats.Snapshots;
using Engine.Extensions.Nats.State;
using Engine.Extensions.Nats.Writing;
using NATS.Client.Core;

namespace Engine.Extensions.Nats;

/// <summary>
/// A node of a replicated database: a complete copy of it, which follows a log in NATS JetStream. Writes go through the
/// log, which puts those of all nodes into one order; reads are those of a local database. Thread-safe. Open one for
/// each directory, and dispose it when the process ends.
/// </summary>
/// <example>
/// <code>
/// await using var replica = await Replica.OpenAsync(
///     new ReplicaOptions { Name = "orders", Directory = "data", Servers = "nats://a:4222,nats://b:4222" });
/// var outcome = await replica.WriteAsync(new WriteBatch().Put("orders", key, order));
/// using (var read = replica.BeginRead())          // shows the write: it was applied here before WriteAsync returned
/// {
///     read["orders"].TryGet(key, out var value);
/// }
/// </code>
/// </example>
public sealed partial class Replica : IAsyncDisposable
{
    private readonly ReplicaOptions _options;
    private readonly LogStream _stream;
    private readonly LogPublisher _publisher;
    private readonly SequenceWaiters _waiters = new();
    private readonly ReplicaDirectory _directory;
    private readonly CancellationTokenSource _closing = new();
    private readonly bool _ownsConnection;
    private readonly SnapshotStore _store;
    private readonly SnapshotKeeper _keeper;
    private readonly StatusResponder _responder;
    private readonly List<Task> _retired = [];
    private volatile ApplyLoop _apply;
    private volatile LogFollower _follower;
    private volatile Database _database;
    private volatile Exception? _failure;
    private volatile Exception? _restoreTrouble;
    private Task _running = Task.CompletedTask;
    private int _isDisposed;

    [MemberNotNull(nameof(_database), nameof(_follower), nameof(_apply))]
    private void Follow(Database database, Progress progress)
    {
        _database = database;
        _follower = new LogFollower(_stream, _options, progress);
        _apply = new ApplyLoop(
            new LogApplier(database, _stream.Identity, progress), _options, _publisher, _waiters, Reopen, AnswerMark);
    }

    private Replica(
        ReplicaOptions options,
        LogStream stream,
        SnapshotStore store,
        ReplicaDirectory directory,
        Database database,
        Progress progress,
        bool ownsConnection)
    {
        _options = options;
        _stream = stream;
        _store = store;
        _directory = directory;
        _ownsConnection = ownsConnection;
        _publisher = new LogPublisher(stream, options);
        _keeper = new SnapshotKeeper(stream, store, options, OpenSource);
        _responder = new StatusResponder(stream, NewReport, NewDigest);
        Follow(database, progress);
    }

    /// <summary>Sequence of the last message of the log that is applied here, and durable.</summary>
    public ulong AppliedSequence => _waiters.Reached;

    /// <summary>The database, which is written to through the log alone.</summary>
    internal Database CurrentDatabase => _database;

    /// <summary>How it is doing. Does not ask the server.</summary>
    public ReplicaStatus Status
    {
        get
        {
            var progress = _apply.Progress.Value;
            var last = Math.Max(progress.Applied, _follower.LastKnown);
            var trouble = _failure ?? _restoreTrouble ?? _apply.Trouble ?? _follower.Trouble ?? _publisher.Trouble;
            return new ReplicaStatus
            {
                Node = _options.NodeName,
                LogId = _stream.Identity.Id,
                AppliedSequence = progress.Applied,
                LastSequence = last,
                AppliedTime = progress.Applied > 0 ? new DateTimeOffset(progress.Ticks, TimeSpan.Zero) : null,
                History = progress.History,
                Trouble = trouble,
                State = _failure is not null ? ReplicaState.Failed
                    : _apply.Trouble is not null ? ReplicaState.Stalled
                    : trouble is not null ? ReplicaState.Disconnected
                    : last > progress.Applied ? ReplicaState.CatchingUp
                    : ReplicaState.Current,
            };
        }
    }

    /// <summary>
    /// Opens a node: connects, finds the stream or makes it, opens the database of the directory or begins one, and
    /// follows the log from then on. It may be behind when this returns: see <see cref="CatchUpAsync"/>.
    /// </summary>
    /// <param name="options">Options; the name and the directory are needed.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    /// <exception cref="NoServerException">No server can be reached.</exception>
    /// <exception cref="NoQuorumException">There are too few servers.</exception>
    /// <exception cref="StreamNotFoundException">There is no stream, and it may not be made.</exception>
    /// <exception cref="StreamMismatchException">
    /// The stream is not one of this package, or not the one that the directory's database follows.
    /// </exception>
    /// <exception cref="ReplicaVersionException">A newer version of this package made the stream.</exception>
    /// <exception cref="ReplicaHistoryException">This node applied what the stream does not have.</exception>
    /// <exception cref="SnapshotUnavailableException">
    /// The log no longer reaches back to what this node has, and there is no snapshot.
    /// </exception>
    /// <exception cref="DatabaseException">The database cannot be opened.</exception>
    /// <exception cref="ArgumentException">An option is none that there is.</exception>
    public static async Task<Replica> OpenAsync(ReplicaOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var connection = options.Connection ?? await ConnectAsync(options, cancellationToken).ConfigureAwait(false);
        Database? database = null;
        try
        {
            var stream = await LogStream.OpenAsync(connection, options, isFeed: false, cancellationToken)
                .ConfigureAwait(false);
            stream.Identity.RequireShard(stream.Names.Stream, options.Shard);
            var directory = new ReplicaDirectory(options.Directory, options.Name);
            directory.Create();
            var store = await SnapshotStore.OpenAsync(stream, options, cancellationToken).ConfigureAwait(false);
            (database, var progress) = await PrepareAsync(stream, store, directory, options, cancellationToken)
                .ConfigureAwait(false);
            directory.DeleteOld(isOpening: true);
            var replica = new Replica(
                options, stream, store, directory, database, progress, ownsConnection: options.Connection is null);
            replica.Start();
            ReplicaMeter.Watch(replica, options, () => replica.Status.Lag);
            return replica;
        }
        catch
        {
            database?.Dispose();
            if (options.Connection is null)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    /// <summary>Waits until everything is applied that the stream had when this was called.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ReplicaException">The server cannot be asked; or the replica has failed.</exception>
    public async Task CatchUpAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        var state = await _stream.GetStateAsync(cancellationToken).ConfigureAwait(false);
        await WaitForAsync(state.LastSeq, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Ends following, closes the database and, if it is the replica's own, the connection. Writes that are under way
    /// fail with an <see cref="ObjectDisposedException"/>; they may still come to be.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        ReplicaMeter.Forget(this);
        await _closing.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        var reason = new ObjectDisposedException(nameof(Replica));
        _publisher.End(reason);
        _waiters.End(reason);
        Task[] retired;
        lock (_retired)
        {
            retired = [.. _retired];
        }

        await Task.WhenAll(retired).ConfigureAwait(false);
        await _database.DisposeAsync().ConfigureAwait(false);
        if (_ownsConnection)
        {
            await _stream.Connection.DisposeAsync().ConfigureAwait(false);
        }

        _closing.Dispose();
    }

    internal static async Task<INatsConnection> ConnectAsync(
        ReplicaOptions options, CancellationToken cancellationToken)
    {
        var connection = new NatsConnection(new NatsOpts
        {
            Url = options.Servers,
            Name = options.NodeName,
            ConnectTimeout = options.ConnectTimeout,
            RequestTimeout = options.RequestTimeout,
            CommandTimeout = options.RequestTimeout,
            ReconnectWaitMin = options.MinBackoff,
            ReconnectWaitMax = options.MaxBackoff,
            ReconnectJitter = options.MinBackoff,
            MaxReconnectRetry = -1,
            PingInterval = TimeSpan.FromSeconds(2),
            PublishTimeoutOnDisconnected = true,
        });
        try
        {
            await connection.ConnectAsync().AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch (Exception e)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            if (cancellationToken.IsCancellationRequested)
            {
                throw;
            }

            throw new NoServerException(
                $"No server of {options.Servers} can be reached. Start one, or correct ReplicaOptions.Servers.", e);
        }
    }

    private static Database OpenDatabase(
        string path, ReplicaOptions options, LogIdentity log, out Progress progress)
    {
        var database = Database.Open(path, options.Database);
        try
        {
            if (!StateTrees.TryRead(database, out var own, out progress))
            {
                RequireEmpty(database, path);
                RequirePageSize(database, log);
                StateTrees.Create(database, log);
                return database;
            }

            return own.Id == log.Id
                ? database
                : throw new StreamMismatchException(
                    $"The database {path} follows the log {own.Id}, and the stream ENGINE-{options.Name} is the log "
                    + $"{log.Id}. Correct the name or the servers, or move the directory away.");
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private static void RequireEmpty(Database database, string path)
    {
        using var read = database.BeginRead();
        if (read.Main.Count > 0 || read.GetTreeNames().Count > 0)
        {
            throw new StreamMismatchException(
                $"The database {path} has entries, and is not a replica. Give the replica another directory, and "
                + "write the entries to it.");
        }
    }

    private static void RequirePageSize(Database database, LogIdentity log)
    {
        if (database.PageSize != log.PageSize)
        {
            throw new StreamMismatchException(
                $"The databases of this log have pages of {log.PageSize} bytes, and this one would have "
                + $"{database.PageSize}. Set DatabaseOptions.PageSize to {log.PageSize}, and delete {database.Path}.");
        }
    }

    private void Start() => _running = RunAsync();

    private async Task RunAsync()
    {
        await Task.Yield();
        using var working = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        var publishing = _publisher.RunAsync(working.Token);
        var keeping = _options.TakesSnapshots ? _keeper.RunAsync(working.Token) : Task.CompletedTask;
        var responding = _responder.RunAsync(_closing.Token);
        try
        {
            await FollowAndStartAnewAsync(working.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (_closing.IsCancellationRequested && Failures.IsEnd(e, _closing.Token))
        {
            // It is being closed.
        }
        catch (Exception e)
        {
            // Whoever asks is told until it is closed, and what was applied can be read.
            _failure = e;
            _publisher.End(e);
            _waiters.End(e);
        }

        await working.CancelAsync().ConfigureAwait(false);
        _options.Fetched?.Reset();
        await Task.WhenAll(publishing, keeping, responding).ConfigureAwait(false);
    }

    private async Task FollowAndStartAnewAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await FollowAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (FellBehindException)
            {
                await StartAnewAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var following = _follower.RunAsync(ending.Token);
        try
        {
            await _apply.RunAsync(_follower.Messages, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await following.ConfigureAwait(false);
        }
    }

    private void AnswerMark(string replyTo, Snapshot snapshot, Progress progress) =>
        _responder.AnswerMark(replyTo, snapshot, progress, _closing.Token);

    private Database Reopen()
    {
        var path = _database.Path;
        try
        {
            _database.Dispose();
        }
        catch (DatabasePoisonedException)
        {
            // That it is poisoned is why it is opened anew.
        }

        return _database = OpenDatabase(path, _options, _stream.Identity, out _);
    }
}
