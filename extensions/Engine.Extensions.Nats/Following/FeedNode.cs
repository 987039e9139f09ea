using System.Globalization;
using Engine.Extensions.Nats.Coordination;
using Engine.Extensions.Nats.Following;
using Engine.Extensions.Nats.Inspection;
using Engine.Extensions.Nats.Log;
using Engine.Extensions.Nats.Snapshots;
using Engine.Extensions.Nats.State;
using NATS.Client.Core;

namespace Engine.Extensions.Nats;

/// <summary>
/// A node of a database that has one primary and followers: on the primary everything is written with the ordinary
/// engine, committed locally, and published to a stream of NATS JetStream; followers apply it. Who is the primary is
/// settled by a lease, and that only the primary's commits count by the stream. Thread-safe. Open one for each
/// directory, and dispose it when the process ends.
/// </summary>
/// <example>
/// <code>
/// await using var node = await FeedNode.OpenAsync(
///     new FeedNodeOptions { Name = "orders", Directory = "data", Servers = "nats://a:4222,nats://b:4222" });
/// var database = await node.WaitForPrimaryAsync();
/// ulong id;
/// using (var tx = database.BeginWrite())
/// {
///     tx[tx.CreateTree("orders")].Put(key, order);
///     id = tx.Commit();                           // stands here
/// }
///
/// await node.WaitForPublishedAsync(database, id); // and in the stream
/// </code>
/// </example>
public sealed partial class FeedNode : IAsyncDisposable
{
    /// <summary>
    /// Name of the snapshot in a primary's database that is what was published: also of one that was set aside.
    /// </summary>
    public const string PublishedSnapshot = FeedTrees.Published;

    private readonly FeedNodeOptions _options;
    private readonly LogStream _stream;
    private readonly SnapshotStore _store;
    private readonly SnapshotKeeper _keeper;
    private readonly StatusResponder _responder;
    private readonly ReplicaDirectory _directory;
    private readonly SequenceWaiters _applied = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly bool _ownsConnection;
    private readonly Lease _lease;
    private readonly Lock _lock = new();
    private readonly List<Task> _retired = [];
    private TaskCompletionSource<Database> _leading = NewLeading();
    private CancellationTokenSource _resigning = new();
    private volatile Database _writer;
    private volatile Database _database;
    private volatile FeedApplier? _applier;
    private volatile FeedPublisher? _publisher;
    private volatile LogFollower? _follower;
    private volatile FeedClaim? _claim;
    private volatile FeedTerm? _term;
    private volatile FeedProgressBox _progress;
    private volatile Exception? _failure;
    private volatile Exception? _trouble;
    private volatile bool _isPrimary;
    private volatile string[] _setAside;
    private FeedState _state;
    private Task _running = Task.CompletedTask;
    private int _isDisposed;

    private FeedNode(
        FeedNodeOptions options,
        LogStream stream,
        SnapshotStore store,
        ReplicaDirectory directory,
        (Database Database, FeedState State) opened,
        bool ownsConnection)
    {
        _options = options;
        _stream = stream;
        _store = store;
        _directory = directory;
        _ownsConnection = ownsConnection;
        _lease = new Lease(store.Bucket, "primary", options.NodeName, options.PrimaryLease);
        _keeper = new SnapshotKeeper(stream, store, options, OpenSource);
        _responder = new StatusResponder(stream, NewReport, NewDigest);
        (_writer, _state) = opened;
        _database = OpenReader();
        _progress = new FeedProgressBox(_state.Progress);
        _setAside = directory.ListSetAside();
    }

    /// <summary>
    /// The node became the primary, or ceased to be it: see <see cref="Role"/>. Called on a thread of the pool, one
    /// call after the other; what it throws ends the node.
    /// </summary>
    public event EventHandler? RoleChanged;

    /// <summary>
    /// Commits of this node that were never published are in no history but their own: the database that has them was
    /// set aside, and the node begins anew. Called as <see cref="RoleChanged"/>; what is found in
    /// <see cref="OpenAsync"/>, <see cref="FeedStatus.SetAside"/> alone has.
    /// </summary>
    public event EventHandler<CommitsSetAsideEventArgs>? CommitsSetAside;

    /// <summary>What this node is to the others, as far as it knows.</summary>
    public FeedRole Role => _isPrimary ? FeedRole.Primary
        : _applier?.HasLed ?? _state.HasLed ? FeedRole.Undecided
        : FeedRole.Follower;

    /// <summary>
    /// The database of this node: one that can be written to on the primary, and one that is open read-only otherwise.
    /// Ask for it each time: with the role it becomes another one, with handles of its own. When the node ceases to be
    /// the primary, the one that can be written to is closed at once, and whoever still has it gets
    /// <see cref="ObjectDisposedException"/>; one that can be read only can be used for
    /// <see cref="ReplicaOptions.RetireDelay"/> longer.
    /// </summary>
    public Database Database => _database;

    /// <summary>Sequence of the last message that is applied here, and durable; on the primary, published.</summary>
    public ulong AppliedSequence => ProgressNow.Log.Applied;

    /// <summary>
    /// Sequence of the newest snapshot that is known here; 0 if there is none. Does not ask the server.
    /// </summary>
    public ulong SnapshotSequence => _keeper.LastSnapshot;

    /// <summary>How it is doing. Does not ask the server.</summary>
    public FeedStatus Status
    {
        get
        {
            var progress = ProgressNow;
            var last = Math.Max(progress.Log.Applied, _follower?.LastKnown ?? 0);
            var stall = _applier is { HasCommitted: true } ? null : _trouble;
            var network = _publisher is { } publisher
                ? publisher.Trouble
                : _follower?.Trouble ?? _claim?.Trouble;
            var trouble = _failure ?? stall ?? network;
            return new FeedStatus
            {
                Node = _options.NodeName,
                LogId = _stream.Identity.Id,
                Role = Role,
                Epoch = progress.Epoch,
                StateId = progress.StateId,
                AppliedSequence = progress.Log.Applied,
                LastSequence = last,
                AppliedTime = progress.Log.Applied > 0
                    ? new DateTimeOffset(progress.Log.Ticks, TimeSpan.Zero)
                    : null,
                History = progress.Log.History,
                Trouble = trouble,
                SetAside = _setAside,
                State = _failure is not null ? ReplicaState.Failed
                    : stall is DatabaseException and not ReplicaException ? ReplicaState.Stalled
                    : trouble is not null ? ReplicaState.Disconnected
                    : last > progress.Log.Applied ? ReplicaState.CatchingUp
                    : ReplicaState.Current,
            };
        }
    }

    private FeedProgress ProgressNow =>
        (_publisher?.Progress ?? _applier?.Durable ?? _progress).Value;

    /// <summary>
    /// Opens a node: connects, finds the stream or makes it, opens the database of the directory or begins one, and
    /// follows from then on. It becomes the primary when there is none (<see cref="FeedNodeOptions.MayLead"/>).
    /// </summary>
    /// <remarks>
    /// A database that was used without this package can become the first primary's: close it, and put it into the
    /// directory as <c>name-1.db</c>. All of it is published then.
    /// </remarks>
    /// <param name="options">Options; the name and the directory are needed.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    /// <exception cref="NoServerException">No server can be reached.</exception>
    /// <exception cref="NoQuorumException">There are too few servers.</exception>
    /// <exception cref="StreamNotFoundException">There is no stream, and it may not be made.</exception>
    /// <exception cref="StreamMismatchException">
    /// The stream is not one of this package, not that of a primary, or not the one that the directory's database
    /// follows.
    /// </exception>
    /// <exception cref="ReplicaVersionException">A newer version of this package made the stream.</exception>
    /// <exception cref="ReplicaHistoryException">This node applied what the stream does not have.</exception>
    /// <exception cref="SnapshotUnavailableException">
    /// The stream no longer reaches back to what this node has, and there is no snapshot.
    /// </exception>
    /// <exception cref="DatabaseException">The database cannot be opened.</exception>
    /// <exception cref="ArgumentException">An option is none that there is.</exception>
    public static async Task<FeedNode> OpenAsync(
        FeedNodeOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var connection = options.Connection
            ?? await Replica.ConnectAsync(options, cancellationToken).ConfigureAwait(false);
        Database? database = null;
        try
        {
            var stream = await LogStream.OpenAsync(connection, options, isFeed: true, cancellationToken)
                .ConfigureAwait(false);
            var directory = new ReplicaDirectory(options.Directory, options.Name);
            directory.Create();
            var store = await SnapshotStore.OpenAsync(stream, options, cancellationToken).ConfigureAwait(false);
            var opening = new FeedOpening(stream, store, directory, options);
            var opened = await opening.PrepareAsync(cancellationToken).ConfigureAwait(false);
            database = opened.Database;
            directory.DeleteOld(isOpening: true);
            var node = new FeedNode(
                options, stream, store, directory, opened, ownsConnection: options.Connection is null);
            node.Start();
            return node;
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

    /// <summary>
    /// Ends following, closes the database and, if it is the node's own, the connection. A primary stops to take
    /// writes, publishes what it has committed, for <see cref="FeedNodeOptions.DrainTimeout"/> at most, and gives up
    /// its lease.
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
        var reason = new ObjectDisposedException(nameof(FeedNode));
        _applied.End(reason);
        _term?.Published.End(reason);
        _leading.TrySetException(reason);
        Task[] retired;
        lock (_lock)
        {
            retired = [.. _retired];
        }

        await Task.WhenAll(retired).ConfigureAwait(false);
        await _database.DisposeAsync().ConfigureAwait(false);
        await CloseAsync(_writer).ConfigureAwait(false);
        if (_ownsConnection)
        {
            await _stream.Connection.DisposeAsync().ConfigureAwait(false);
        }

        _resigning.Dispose();
        _closing.Dispose();
    }

    private static TaskCompletionSource<Database> NewLeading() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// Closes a database. That it is poisoned is no news; what of it is durable is seen when it is opened anew.
    /// </summary>
    private static async Task CloseAsync(Database database)
    {
        try
        {
            await database.DisposeAsync().ConfigureAwait(false);
        }
        catch (DatabasePoisonedException)
        {
            // As above.
        }
    }

    private void Start()
    {
        _running = RunAsync();
        ReplicaMeter.Watch(this, _options, () => Status.Lag);
    }

    private NodeReport NewReport()
    {
        var status = Status;
        return new NodeReport
        {
            Node = status.Node,
            LogId = status.LogId,
            AppliedSequence = status.AppliedSequence,
            LastSequence = status.LastSequence,
            State = status.State,
            Trouble = status.Trouble?.Message,
            History = status.History.ToString("x32", CultureInfo.InvariantCulture),
            SnapshotSequence = SnapshotSequence,
            Role = status.Role,
            Epoch = status.Epoch,
            SetAside = status.SetAside,
        };
    }

    private DigestReport NewDigest(Snapshot snapshot, Progress progress, CancellationToken cancellationToken) =>
        TreeDigest.Report(_options.NodeName, _stream.Identity.Id, snapshot, progress, cancellationToken);
}
