using System.Globalization;
using Engine.Extensions.Nats.Coordination;
using Engine.Extensions.Nats.Log;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.KeyValueStore;

namespace Engine.Extensions.Nats.Sharding;

/// <summary>
/// The layout of a sharded database, and which node holds which shard, running or not: a key of the bucket for each
/// shard, which is written on condition of what was read, so that two nodes never both believe that the other one stays.
/// It is read from the bucket's leader: what any server answers may be old. Thread-safe.
/// </summary>
internal sealed class ShardMap
{
    private const string LayoutKey = "layout";
    private const int Version = 1;
    private const int AskedAtOnce = 32;

    private readonly NatsJSContext _context;
    private readonly INatsKVStore _bucket;
    private readonly ShardNames _names;

    private ShardMap(NatsJSContext context, INatsKVStore bucket, ShardNames names, ShardLayout layout)
    {
        _context = context;
        _bucket = bucket;
        _names = names;
        Layout = layout;
    }

    public ShardLayout Layout { get; }

    /// <summary>Finds the map of a database, or makes it.</summary>
    /// <param name="connection">A connection.</param>
    /// <param name="names">Its names.</param>
    /// <param name="proposal">Its layout if it is to be made; null if it must exist.</param>
    /// <param name="replicas">How many servers keep it if it is made.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<ShardMap> OpenAsync(
        INatsConnection connection,
        ShardNames names,
        ShardLayout? proposal,
        int replicas,
        CancellationToken cancellationToken)
    {
        var context = new NatsJSContext(connection);
        var keys = new NatsKVContext(context);
        try
        {
            var bucket = await FindBucketAsync(keys, names, cancellationToken).ConfigureAwait(false);
            if (bucket is null && proposal is null)
            {
                throw new StreamNotFoundException(
                    $"There is no sharded database {names.Database}. Say how many shards it is to have "
                    + "(ShardedReplicaOptions.ShardCount), or correct the name.");
            }

            bucket ??= await keys.CreateStoreAsync(
                new NatsKVConfig(names.Bucket) { History = 1, NumberOfReplicas = replicas }, cancellationToken)
                .ConfigureAwait(false);
            var (layout, _) = await BucketEntries.ReadAsync(
                context, names.Bucket, LayoutKey, cancellationToken).ConfigureAwait(false);
            if (layout is null && proposal is not null)
            {
                await BucketEntries.TryWriteAsync(bucket, LayoutKey, proposal.ToString(), 0, cancellationToken)
                    .ConfigureAwait(false);
                (layout, _) = await BucketEntries.ReadAsync(context, names.Bucket, LayoutKey, cancellationToken)
                    .ConfigureAwait(false);
            }

            return layout is not null
                ? new ShardMap(context, bucket, names, ShardLayout.Parse(layout))
                : throw new ShardLayoutException(
                    $"The bucket {names.Bucket} has no layout: it was made halfway. Open a node with a ShardCount.");
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Failures.IsOfNetwork(e))
        {
            throw Failures.Translate(connection, $"Opening the map of the shards {names.Bucket}", e);
        }
    }

    /// <summary>Names of the nodes that hold a shard, in order.</summary>
    public async Task<IReadOnlyList<string>> GetAsync(int shard, CancellationToken cancellationToken)
    {
        var (holders, _) = await FindAsync(shard, cancellationToken).ConfigureAwait(false);
        return holders;
    }

    /// <summary>The same of all shards.</summary>
    public async Task<IReadOnlyList<IReadOnlyList<string>>> GetAllAsync(CancellationToken cancellationToken)
    {
        var all = new IReadOnlyList<string>[Layout.ShardCount];
        await Parallel.ForAsync(
            0,
            all.Length,
            new ParallelOptions { MaxDegreeOfParallelism = AskedAtOnce, CancellationToken = cancellationToken },
            async (shard, token) => all[shard] = await GetAsync(shard, token).ConfigureAwait(false))
            .ConfigureAwait(false);
        return all;
    }

    public Task AddAsync(int shard, string node, CancellationToken cancellationToken) => ChangeAsync(
        shard, holders => holders.Contains(node) ? null : [.. holders.Append(node)], cancellationToken);

    /// <summary>Takes a node out; false if it is the only one, and another one is needed.</summary>
    public async Task<bool> RemoveAsync(
        int shard, string node, bool needsAnother, CancellationToken cancellationToken)
    {
        var isLast = false;
        await ChangeAsync(
            shard,
            holders =>
            {
                string[] others = [.. holders.Where(holder => holder != node)];
                isLast = needsAnother && others.Length == 0;
                return isLast || others.Length == holders.Count ? null : others;
            },
            cancellationToken).ConfigureAwait(false);
        return !isLast;
    }

    private static async Task<INatsKVStore?> FindBucketAsync(
        NatsKVContext keys, ShardNames names, CancellationToken cancellationToken)
    {
        try
        {
            return await keys.GetStoreAsync(names.Bucket, cancellationToken).ConfigureAwait(false);
        }
        catch (NatsJSApiException e) when (Failures.IsStreamMissing(e.Error))
        {
            return null;
        }
    }

    private static string KeyOf(int shard) => string.Create(CultureInfo.InvariantCulture, $"shard.{shard}");

    /// <summary>
    /// A change whose answer was lost is found to be made when it is tried again: changes say what is to be so.
    /// </summary>
    private async Task ChangeAsync(
        int shard, Func<IReadOnlyList<string>, string[]?> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (holders, revision) = await FindAsync(shard, cancellationToken).ConfigureAwait(false);
            if (change(holders) is not { } changed)
            {
                return;
            }

            var value = string.Create(CultureInfo.InvariantCulture, $"{Version} {string.Join(' ', changed)}");
            try
            {
                if (await BucketEntries.TryWriteAsync(
                    _bucket, KeyOf(shard), value.TrimEnd(), revision, cancellationToken).ConfigureAwait(false))
                {
                    return;
                }
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && Failures.IsOfNetwork(e))
            {
                throw Failures.Translate(_context.Connection, $"Writing who holds shard {shard}", e);
            }
        }
    }

    private async Task<(IReadOnlyList<string> Holders, ulong Revision)> FindAsync(
        int shard, CancellationToken cancellationToken)
    {
        try
        {
            var (value, revision) = await BucketEntries.ReadAsync(
                _context, _names.Bucket, KeyOf(shard), cancellationToken).ConfigureAwait(false);
            return (value?.Split(' ') ?? ["1"]) is ["1", .. var holders]
                ? ([.. holders.Order(StringComparer.Ordinal)], revision)
                : throw new ReplicaVersionException(
                    $"Who holds shard {shard} is written as '{value}', which this version does not know. Update it.");
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Failures.IsOfNetwork(e))
        {
            throw Failures.Translate(_context.Connection, $"Asking who holds shard {shard}", e);
        }
    }
}
