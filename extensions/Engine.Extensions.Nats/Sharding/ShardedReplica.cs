using System.Collections.Concurrent;
using System.Globalization;
using Engine.Extensions.Nats.Sharding;
using NATS.Client.Core;

namespace Engine.Extensions.Nats;

/// <summary>
/// A node of a sharded database: keys are divided over shards, each of which is a replicated database with a log of its
/// own, and a node holds any of them. It writes to all shards, reads those that it holds, and takes and gives up shards
/// while the others write. Thread-safe. docs/replication.md says what is promised, docs/scale.md how far it goes.
/// </summary>
/// <example>
/// <code>
/// await using var node = await ShardedReplica.OpenAsync(new ShardedReplicaOptions
/// {
///     Replica = new ReplicaOptions { Name = "orders", Directory = "data", NodeName = "a", Servers = "nats://a:4222" },
///     ShardCount = 64,
///     Key = ShardKey.Until((byte)'/'),
///     Shards = [0, 1, 2],
/// });
/// var outcome = await node.WriteAsync(new WriteBatch().Put("orders", "ada/1"u8, order).Put("sums", "ada/"u8, sum));
/// if (node.TryGetShard(node.ShardOf("ada/1"u8), out var shard))
/// {
///     using var read = shard.BeginRead();
///     read["orders"].TryGet("ada/1"u8, out var value);
/// }
/// </code>
/// </example>
public sealed partial class ShardedReplica : IAsyncDisposable
{
    private readonly ShardedReplicaOptions _options;
    private readonly INatsConnection _connection;
    private readonly ShardNames _names;
    private readonly ShardMap _map;
    private readonly NodeLimits _limits;
    private readonly WriteForwarder _forwarder;

    /// <summary>Those that are open; null while one is being opened or given up.</summary>
    private readonly ConcurrentDictionary<int, HeldShard?> _held = new();
    private readonly CancellationTokenSource _closing = new();
    private int _isDisposed;

    private ShardedReplica(
        ShardedReplicaOptions options, INatsConnection connection, ShardNames names, ShardMap map)
    {
        _options = options;
        _connection = connection;
        _names = names;
        _map = map;
        _limits = new NodeLimits(options);
        _forwarder = new WriteForwarder(connection, map, names, options, _limits.Pending);
    }

    /// <summary>How the database is divided.</summary>
    public ShardLayout Layout => _map.Layout;

    /// <summary>
    /// The shards that this node holds, by number; those that are being taken or given up are not in it.
    /// </summary>
    public IReadOnlyList<LocalShard> Shards =>
        [.. _held.Values.OfType<HeldShard>().Select(static held => held.Shard).OrderBy(static shard => shard.Number)];

    internal NodeLimits Limits => _limits;

    private string NodeName => _options.Replica.NodeName;

    /// <summary>
    /// Opens a node: connects, finds the database or makes it, and opens the shards that it is to hold. They may be
    /// behind when this returns: see <see cref="CatchUpAsync"/>.
    /// </summary>
    /// <param name="options">Options.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    /// <exception cref="ShardLayoutException">
    /// The database has another number of shards, another rule or another page size.
    /// </exception>
    /// <exception cref="StreamNotFoundException">There is no such database, and it may not be made.</exception>
    /// <exception cref="ReplicaException">As for <see cref="Replica.OpenAsync"/>, of any shard.</exception>
    /// <exception cref="ArgumentException">An option is none that there is.</exception>
    public static async Task<ShardedReplica> OpenAsync(
        ShardedReplicaOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var replica = options.Replica;
        var connection = replica.Connection
            ?? await Replica.ConnectAsync(replica, cancellationToken).ConfigureAwait(false);
        ShardedReplica? node = null;
        try
        {
            var names = new ShardNames(replica.Name);
            var map = await RetryAsync(
                options,
                () => ShardMap.OpenAsync(
                    connection, names, ProposalOf(options), replica.Replicas, cancellationToken),
                cancellationToken).ConfigureAwait(false);
            RequireSame(options, map.Layout);
            node = new ShardedReplica(options, connection, names, map);
            await node.OpenShardsAsync(cancellationToken).ConfigureAwait(false);
            return node;
        }
        catch
        {
            if (node is not null)
            {
                await node.DisposeAsync().ConfigureAwait(false);
            }
            else if (replica.Connection is null)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    /// <summary>The shard of a key.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="InvalidOperationException">
    /// Keys do not say their partition (<see cref="ShardKey.Named"/>): see <see cref="ShardLayout.ShardOfPartition"/>.
    /// </exception>
    public int ShardOf(ReadOnlySpan<byte> key) => Layout.ShardOf(key);

    /// <summary>Waits until all shards here have what their logs had when this was called.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ReplicaException">A server cannot be asked; or a shard has failed.</exception>
    public Task CatchUpAsync(CancellationToken cancellationToken = default) =>
        Task.WhenAll(Shards.Select(shard => shard.CatchUpAsync(cancellationToken)));

    /// <summary>Names of the nodes that hold a shard, running or not, in order.</summary>
    /// <param name="shard">Its number.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    /// <exception cref="ReplicaException">The server cannot be asked.</exception>
    public Task<IReadOnlyList<string>> GetHoldersAsync(int shard, CancellationToken cancellationToken = default) =>
        _map.GetAsync(Checked(shard), cancellationToken);

    /// <summary>The same of all shards, by number.</summary>
    /// <param name="cancellationToken">Ends the asking.</param>
    /// <exception cref="ReplicaException">The server cannot be asked.</exception>
    public Task<IReadOnlyList<IReadOnlyList<string>>> GetHoldersAsync(CancellationToken cancellationToken = default) =>
        _map.GetAllAsync(cancellationToken);

    /// <summary>
    /// Closes all shards and, if it is this node's own, the connection. The map still says that it holds them: it is
    /// expected to come back.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        while (!_held.IsEmpty)
        {
            foreach (var number in _held.Keys)
            {
                if (_held.TryGetValue(number, out var held) && held is not null && _held.TryRemove(new(number, held)))
                {
                    await held.DisposeAsync().ConfigureAwait(false);
                }
            }

            // Those that are just being opened or given up see that it is closing.
            await Task.Delay(TimeSpan.FromMilliseconds(_held.IsEmpty ? 0 : 20)).ConfigureAwait(false);
        }

        if (_options.Replica.Connection is null)
        {
            await _connection.DisposeAsync().ConfigureAwait(false);
        }

        _limits.Dispose();
        _closing.Dispose();
    }

    private static ShardLayout? ProposalOf(ShardedReplicaOptions options) =>
        options.ShardCount is { } count && options.Replica.CreateStream
            ? new ShardLayout(Guid.NewGuid(), count, options.Replica.PageSize, options.Key ?? ShardKey.Whole)
            : null;

    private static void RequireSame(ShardedReplicaOptions options, ShardLayout layout)
    {
        var wanted = layout with
        {
            ShardCount = options.ShardCount ?? layout.ShardCount,
            Key = options.Key ?? layout.Key,
            PageSize = options.Replica.PageSize,
        };
        if (wanted != layout)
        {
            throw new ShardLayoutException(
                $"The sharded database {options.Replica.Name} was made as {Describe(layout)}, and the options say "
                + $"{Describe(wanted)}. Correct the options; another layout takes another database.");
        }
    }

    private static string Describe(ShardLayout layout) => string.Create(
        CultureInfo.InvariantCulture,
        $"{layout.ShardCount} shards by {layout.Key} in pages of {layout.PageSize} bytes");

    private int Checked(int shard)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(shard);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(shard, Layout.ShardCount);
        return shard;
    }

    private void RequireOpen() => ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
}
