using System.Globalization;
using System.Text;
using Engine.Extensions.Nats.Coordination;
using Engine.Extensions.Nats.Log;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using NATS.Client.KeyValueStore;

namespace Engine.Extensions.Nats.Sharding;

/// <summary>
/// The layout of a sharded database, and which node holds which shard, running or not. Nothing is written on condition
/// of a revision, which servers before 2.9.21 do not keep to when several come at once (nats-server #4320): what counts
/// follows from the order of the entries, in which all see them alike. Of several proposals of a layout the first one
/// counts; of nodes that want to give up a shard at the same time, the last one stays. Thread-safe.
/// </summary>
internal sealed class ShardMap
{
    private const string LayoutPrefix = "layout.";
    private const string Held = "1 held";
    private const string Leaving = "1 leaving";
    private const string Gone = "1 gone";
    private const int AskedAtOnce = 32;
    private const int Attempts = 3;

    private readonly NatsJSContext _context;
    private readonly ShardNames _names;

    private ShardMap(NatsJSContext context, ShardNames names, ShardLayout layout)
    {
        _context = context;
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
        try
        {
            await FindOrCreateBucketAsync(context, names, proposal is not null, replicas, cancellationToken)
                .ConfigureAwait(false);
            var layout = await FindLayoutAsync(context, names, cancellationToken).ConfigureAwait(false);
            if (layout is null && proposal is not null)
            {
                await PutAsync(
                    context, names, $"{LayoutPrefix}{proposal.Id:N}", proposal.ToString(), cancellationToken)
                    .ConfigureAwait(false);
                layout = await FindLayoutAsync(context, names, cancellationToken).ConfigureAwait(false);
            }

            return layout is not null
                ? new ShardMap(context, names, ShardLayout.Parse(layout))
                : throw new ShardLayoutException(
                    $"The bucket {names.Bucket} has no layout: it was made halfway. Open a node with a ShardCount.");
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Failures.IsOfNetwork(e))
        {
            throw Failures.Translate(connection, $"Opening the map of the shards {names.Bucket}", e);
        }
    }

    /// <summary>Names of the nodes that hold a shard, in order; one that is about to leave still does.</summary>
    public async Task<IReadOnlyList<string>> GetAsync(int shard, CancellationToken cancellationToken)
    {
        var entries = await ReadShardAsync(shard, cancellationToken).ConfigureAwait(false);
        return [.. entries.Where(static entry => entry.Value != Gone)
            .Select(static entry => entry.Node)
            .Order(StringComparer.Ordinal)];
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

    public Task AddAsync(int shard, string node, CancellationToken cancellationToken) =>
        WriteAsync(shard, node, Held, cancellationToken);

    /// <summary>
    /// Takes a node out; false if another one is needed, and none will stay. A node that asks first says that it is
    /// leaving. Then it may go if somebody holds the shard who is not leaving, or says so later: that one sees all who
    /// were before it, and stays if nobody comes behind it.
    /// </summary>
    public async Task<bool> RemoveAsync(
        int shard, string node, bool needsAnother, CancellationToken cancellationToken)
    {
        var mayGo = true;
        if (needsAnother)
        {
            var asked = await WriteAsync(shard, node, Leaving, cancellationToken).ConfigureAwait(false);
            var entries = await ReadShardAsync(shard, cancellationToken).ConfigureAwait(false);
            mayGo = entries.Any(other => other.Node != node
                && (other.Value == Held || (other.Value == Leaving && other.Revision > asked)));
        }

        await WriteAsync(shard, node, mayGo ? Gone : Held, cancellationToken).ConfigureAwait(false);
        return mayGo;
    }

    private static async Task FindOrCreateBucketAsync(
        NatsJSContext context, ShardNames names, bool mayCreate, int replicas, CancellationToken cancellationToken)
    {
        var keys = new NatsKVContext(context);
        try
        {
            await keys.GetStoreAsync(names.Bucket, cancellationToken).ConfigureAwait(false);
        }
        catch (NatsJSApiException e) when (Failures.IsStreamMissing(e.Error))
        {
            if (!mayCreate)
            {
                throw new StreamNotFoundException(
                    $"There is no sharded database {names.Database}. Say how many shards it is to have "
                    + "(ShardedReplicaOptions.ShardCount), or correct the name.",
                    e);
            }

            await keys.CreateStoreAsync(
                new NatsKVConfig(names.Bucket) { History = 1, NumberOfReplicas = replicas }, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private static async Task<string?> FindLayoutAsync(
        NatsJSContext context, ShardNames names, CancellationToken cancellationToken)
    {
        var proposals = await ReadAllAsync(context, names, $"{LayoutPrefix}>", cancellationToken)
            .ConfigureAwait(false);
        return proposals.OrderBy(static one => one.Revision).Select(static one => one.Value).FirstOrDefault();
    }

    private static async Task<List<(string Key, string Value, ulong Revision)>> ReadAllAsync(
        NatsJSContext context, ShardNames names, string filter, CancellationToken cancellationToken)
    {
        var prefix = $"$KV.{names.Bucket}.";
        var stream = await context.GetStreamAsync(
            $"KV_{names.Bucket}", new StreamInfoRequest { SubjectsFilter = prefix + filter }, cancellationToken)
            .ConfigureAwait(false);
        var found = new List<(string Key, string Value, ulong Revision)>();
        foreach (var subject in stream.Info.State.Subjects?.Keys ?? [])
        {
            var key = subject[prefix.Length..];
            var (value, revision) = await BucketEntries.ReadAsync(context, names.Bucket, key, cancellationToken)
                .ConfigureAwait(false);
            if (value is not null)
            {
                found.Add((key, value, revision));
            }
        }

        return found;
    }

    /// <summary>
    /// Writes an entry once, however often it has to be sent: one that came twice would be later than it is.
    /// </summary>
    private static async Task<ulong> PutAsync(
        NatsJSContext context, ShardNames names, string key, string value, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString("N");
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var answer = await context.PublishAsync(
                    $"$KV.{names.Bucket}.{key}",
                    Encoding.UTF8.GetBytes(value),
                    NatsRawSerializer<byte[]>.Default,
                    new NatsJSPubOpts { MsgId = id },
                    headers: null,
                    cancellationToken).ConfigureAwait(false);
                if (!answer.Duplicate)
                {
                    answer.EnsureSuccess();
                }

                return answer.Seq;
            }
            catch (Exception e) when (attempt < Attempts
                && !cancellationToken.IsCancellationRequested
                && Failures.IsOfNetwork(e))
            {
                // Sent again with the same id.
            }
        }
    }

    private async Task<ulong> WriteAsync(int shard, string node, string value, CancellationToken cancellationToken)
    {
        try
        {
            return await PutAsync(_context, _names, KeyOf(shard, node), value, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Failures.IsOfNetwork(e))
        {
            throw Failures.Translate(_context.Connection, $"Writing who holds shard {shard}", e);
        }
    }

    private static string KeyOf(int shard, string node) =>
        string.Create(CultureInfo.InvariantCulture, $"shard.{shard}.{node}");

    private async Task<List<(string Node, string Value, ulong Revision)>> ReadShardAsync(
        int shard, CancellationToken cancellationToken)
    {
        var prefix = KeyOf(shard, string.Empty);
        try
        {
            var entries = await ReadAllAsync(_context, _names, $"{prefix}>", cancellationToken).ConfigureAwait(false);
            return entries.Find(static entry => entry.Value is not (Held or Leaving or Gone)).Value is { } unknown
                ? throw new ReplicaVersionException(
                    $"Who holds shard {shard} is written as '{unknown}', which this version does not know. Update it.")
                : entries.ConvertAll(entry => (entry.Key[prefix.Length..], entry.Value, entry.Revision));
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Failures.IsOfNetwork(e))
        {
            throw Failures.Translate(_context.Connection, $"Asking who holds shard {shard}", e);
        }
    }
}
