using System.Diagnostics;
using Engine.Extensions.Nats.Log;
using Engine.Extensions.Nats.Sharding;

namespace Engine.Extensions.Nats;

/// <content>Taking shards, and giving them up.</content>
public sealed partial class ShardedReplica
{
    /// <summary>
    /// Holds a shard from now on: fetches its newest snapshot, follows its log until it has caught up, and says so in
    /// the map. The others write meanwhile. Does nothing if it is held.
    /// </summary>
    /// <param name="shard">Its number.</param>
    /// <param name="cancellationToken">Ends it; then nothing stays of it.</param>
    /// <exception cref="InvalidOperationException">It is just being taken or given up.</exception>
    /// <exception cref="ReplicaException">As for <see cref="Replica.OpenAsync"/>; nothing stays of it.</exception>
    public async Task HoldAsync(int shard, CancellationToken cancellationToken = default)
    {
        RequireOpen();
        if (!_held.TryAdd(Checked(shard), null))
        {
            if (_held.TryGetValue(shard, out var held) && held is not null)
            {
                return;
            }

            throw BeingChanged(shard);
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        var isNew = !Directory.Exists(DirectoryOf(shard));
        HeldShard? opened = null;
        try
        {
            opened = await OpenShardAsync(shard, ending.Token).ConfigureAwait(false);
            await opened.Shard.CatchUpAsync(ending.Token).ConfigureAwait(false);
            await _map.AddAsync(shard, NodeName, ending.Token).ConfigureAwait(false);
            _held[shard] = opened;
        }
        catch
        {
            if (opened is not null)
            {
                await opened.DisposeAsync().ConfigureAwait(false);
            }

            if (isNew && Directory.Exists(DirectoryOf(shard)))
            {
                Directory.Delete(DirectoryOf(shard), recursive: true);
            }

            _held.TryRemove(shard, out _);
            throw;
        }
    }

    /// <summary>
    /// Gives a shard up: takes this node out of the map, waits for writes that are under way, closes the shard and
    /// deletes its files. Reads of it that are open fail from then on. Does nothing if it is not held.
    /// </summary>
    /// <param name="shard">Its number.</param>
    /// <param name="force">
    /// Whether to give it up though no other node has all that this one has. Then it is only in the log and its
    /// snapshots, and takes no writes, until somebody holds it again.
    /// </param>
    /// <param name="cancellationToken">Ends it, until the node is out of the map.</param>
    /// <exception cref="LastHolderException">No other node that runs has all that this one has.</exception>
    /// <exception cref="InvalidOperationException">It is just being taken or given up.</exception>
    /// <exception cref="ReplicaException">The server cannot be asked; the shard is still held.</exception>
    public async Task ReleaseAsync(int shard, bool force = false, CancellationToken cancellationToken = default)
    {
        RequireOpen();
        if (!_held.TryGetValue(Checked(shard), out var held))
        {
            return;
        }

        if (held is null || !_held.TryUpdate(shard, null, held))
        {
            throw BeingChanged(shard);
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        try
        {
            if ((!force && !await IsHeldElsewhereAsync(held.Shard, ending.Token).ConfigureAwait(false))
                || !await _map.RemoveAsync(shard, NodeName, !force, ending.Token).ConfigureAwait(false))
            {
                throw new LastHolderException(
                    $"No other node that runs has all of shard {shard} that this one has. Have another one hold it "
                    + "first (HoldAsync), or release it by force.")
                {
                    Shard = shard,
                };
            }
        }
        catch
        {
            _held[shard] = held;
            throw;
        }

        await held.DrainAsync().ConfigureAwait(false);
        await held.DisposeAsync().ConfigureAwait(false);
        var folder = DirectoryOf(shard);
        var doomed = $"{folder}.released";
        if (Directory.Exists(doomed))
        {
            Directory.Delete(doomed, recursive: true);
        }

        // What is left of it when the process ends here is no shard any more.
        Directory.Move(folder, doomed);
        Directory.Delete(doomed, recursive: true);
        _held.TryRemove(shard, out _);
    }

    private static InvalidOperationException BeingChanged(int shard) =>
        new($"Shard {shard} is just being taken or given up by this node. Wait for that.");

    private string DirectoryOf(int shard) => Path.Combine(_options.Replica.Directory, ShardNames.FolderOf(shard));

    private async Task OpenShardsAsync(CancellationToken cancellationToken)
    {
        var wanted = (_options.Shards ?? [.. ShardNames.FindShards(_options.Replica.Directory)])
            .Select(Checked).ToHashSet();
        await Parallel.ForEachAsync(
            wanted,
            new ParallelOptions
            {
                MaxDegreeOfParallelism = _options.MaxOpening,
                CancellationToken = cancellationToken,
            },
            async (shard, token) =>
            {
                var held = await OpenShardAsync(shard, token).ConfigureAwait(false);
                _held[shard] = held;
                await _map.AddAsync(shard, NodeName, token).ConfigureAwait(false);
            }).ConfigureAwait(false);

        // What the map says from an earlier time, when the node held others.
        var map = await _map.GetAllAsync(cancellationToken).ConfigureAwait(false);
        for (var shard = 0; shard < map.Count; shard++)
        {
            if (!wanted.Contains(shard) && map[shard].Contains(NodeName))
            {
                await _map.RemoveAsync(shard, NodeName, needsAnother: false, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Streams that another node makes at the same time have no leader yet.</summary>
    private static async Task<T> RetryAsync<T>(
        ShardedReplicaOptions options, Func<Task<T>> open, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        var backoff = new Backoff(options.Replica);
        while (true)
        {
            try
            {
                return await open().ConfigureAwait(false);
            }
            catch (NoQuorumException) when (Stopwatch.GetElapsedTime(begun) < options.HolderTimeout)
            {
                await backoff.Wait(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<HeldShard> OpenShardAsync(int shard, CancellationToken cancellationToken)
    {
        var options = _options.Replica.ForShard(
            _names.ReplicaOf(shard), DirectoryOf(shard), _connection, Layout.LabelOf(shard), _limits);
        var replica = await RetryAsync(
            _options, () => Replica.OpenAsync(options, cancellationToken), cancellationToken).ConfigureAwait(false);
        var writes = new ForwardedWrites(
            _connection,
            _names.WriteSubject(shard, NodeName),
            Layout,
            shard,
            replica,
            _options.MaxForwarded,
            options.MaxBackoff);
        return new HeldShard(shard, replica, writes);
    }

    /// <summary>Whether a node that runs has at least what this one has now; asked for a while.</summary>
    private async Task<bool> IsHeldElsewhereAsync(LocalShard shard, CancellationToken cancellationToken)
    {
        var needed = shard.AppliedSequence;
        var begun = Stopwatch.GetTimestamp();
        do
        {
            var holders = await _map.GetAsync(shard.Number, cancellationToken).ConfigureAwait(false);
            var others = holders.Where(holder => holder != NodeName).ToHashSet();
            if (others.Count == 0)
            {
                return false;
            }

            var nodes = await ReplicaInspector.AskNodesAsync(
                _connection,
                _names.ReplicaOf(shard.Number),
                answers => answers.Any(HasAll) || others.IsSubsetOf(answers.Select(static node => node.Node)),
                _options.Replica.RequestTimeout,
                cancellationToken).ConfigureAwait(false);
            if (nodes.Any(HasAll))
            {
                return true;
            }

            bool HasAll(NodeReport node) =>
                others.Contains(node.Node) && node.AppliedSequence >= needed && node.State != ReplicaState.Failed;

            await Task.Delay(_options.Replica.MinBackoff, cancellationToken).ConfigureAwait(false);
        }
        while (Stopwatch.GetElapsedTime(begun) < _options.HolderTimeout);

        return false;
    }
}
