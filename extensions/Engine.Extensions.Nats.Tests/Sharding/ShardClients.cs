using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Engine.Extensions.Nats.Tests.Faults;
using static Engine.Extensions.Nats.Tests.Infrastructure.NodeSet;

namespace Engine.Extensions.Nats.Tests.Sharding;

/// <summary>
/// Clients that write to all shards through some nodes, a counter and keys of their own in each, and remember what they
/// were told; <see cref="Check"/> says what of it is not so in the end.
/// </summary>
internal sealed class ShardClients : IDisposable
{
    private const string Tree = "t";

    private readonly string[] _partitions;
    private readonly ConcurrentQueue<HistoryEvent>[] _history;
    private readonly long[] _counters;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _all;
    private long _nextKey;

    public ShardClients(int clients, params ShardedReplica[] nodes)
    {
        var count = nodes[0].Layout.ShardCount;
        _partitions = [.. Enumerable.Range(0, count)
            .Select(shard => Infrastructure.ShardNodeSet.KeyIn(nodes[0], shard))];
        _history = [.. Enumerable.Range(0, count).Select(static _ => new ConcurrentQueue<HistoryEvent>())];
        _counters = new long[count];
        _all = Task.WhenAll(Enumerable.Range(0, clients)
            .Select(client => Task.Run(() => RunAsync(nodes[client % nodes.Length], new Random(client)))));
    }

    public int Count => _history.Sum(static one => one.Count);

    public async Task EndAsync()
    {
        await _ending.CancelAsync();
        await _all;
    }

    /// <summary>What a holder of a shard has, against what clients were told.</summary>
    public IEnumerable<string> Check(LocalShard shard)
    {
        using var read = shard.BeginRead();
        var keys = new HashSet<long>();
        var counter = 0L;
        if (read.TryGetTree(shard.GetTree(Tree), out var tree))
        {
            foreach (var (key, value) in tree.All())
            {
                var text = System.Text.Encoding.UTF8.GetString(key).Split('/')[1];
                if (text == "counter")
                {
                    counter = long.Parse(System.Text.Encoding.UTF8.GetString(value), CultureInfo.InvariantCulture);
                }
                else
                {
                    keys.Add(long.Parse(text, CultureInfo.InvariantCulture));
                }
            }
        }

        return HistoryChecker.Check(_history[shard.Number], counter, keys);
    }

    public void Dispose() => _ending.Dispose();

    private async Task RunAsync(ShardedReplica node, Random random)
    {
        while (!_ending.IsCancellationRequested)
        {
            var shard = random.Next(_partitions.Length);
            var start = Stopwatch.GetTimestamp();
            if (random.Next(2) == 0)
            {
                var key = Interlocked.Increment(ref _nextKey);
                var full = Bytes($"{_partitions[shard]}{key}");
                var put = await WriteAsync(
                    node, new WriteBatch(Guid.NewGuid()).ExpectAbsent(Tree, full).Put(Tree, full, "put"u8));
                Remember(HistoryKind.Put, put, start, key);
            }
            else
            {
                var counter = Bytes($"{_partitions[shard]}counter");
                var before = Interlocked.Read(ref _counters[shard]);
                var batch = new WriteBatch(Guid.NewGuid());
                batch = before == 0
                    ? batch.ExpectAbsent(Tree, counter)
                    : batch.ExpectValue(Tree, counter, Bytes($"{before}"));
                var outcome = await WriteAsync(node, batch.Put(Tree, counter, Bytes($"{before + 1}")));
                if (outcome is { IsApplied: true })
                {
                    Interlocked.Exchange(ref _counters[shard], before + 1);
                    Remember(HistoryKind.Increment, outcome, start, before + 1);
                }
            }
        }
    }

    private void Remember(HistoryKind kind, ShardOutcome? outcome, long start, long value)
    {
        if (outcome is { IsApplied: true } known)
        {
            _history[known.Shard].Enqueue(
                new HistoryEvent(kind, start, Stopwatch.GetTimestamp(), value, known.Sequence));
        }
    }

    /// <summary>Writes the batch again, with its id, until it is known how it was decided.</summary>
    private async Task<ShardOutcome?> WriteAsync(ShardedReplica node, WriteBatch batch)
    {
        while (true)
        {
            try
            {
                return await node.WriteAsync(batch);
            }
            catch (Exception e) when (e is NoServerException or NoQuorumException or WriteTimeoutException
                or NoHolderException)
            {
                if (_ending.IsCancellationRequested)
                {
                    return null;
                }
            }
        }
    }
}
