using BenchmarkDotNet.Attributes;
using Engine.Bench.Data;

namespace Engine.Bench.Micro;

/// <summary>
/// What counting costs and gives: lookups, ranks and puts of keys in random order, in a plain tree and in a counted one
/// of a million entries each, in memory.
/// </summary>
public class CountedTrees
{
    private const int Entries = 1_000_000;
    private const int Operations = 4096;
    private const int Puts = 1000;

    private readonly byte[][] _keys = new byte[Operations][];
    private readonly long[] _ranks = new long[Operations];
    private readonly byte[] _value = new byte[100];
    private Database? _database;
    private Tree? _plain;
    private Tree? _counted;
    private int _next;

    /// <summary>Fills both trees with the same entries.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _database = Database.OpenInMemory();
        KeyStream keys = new(KeyOrder.Sequential, 1, Entries);
        using (WriteTransaction transaction = _database.BeginWrite())
        {
            _plain = transaction.CreateTree("plain");
            _counted = transaction.CreateTree("counted", TreeOptions.Counted);
            foreach (Tree tree in new[] { _plain, _counted })
            {
                byte[] key = new byte[KeyStream.KeyLength];
                using BulkLoader loader = transaction[tree].BeginLoad();
                for (int i = 0; i < Entries; i++)
                {
                    keys.Write(i, key);
                    loader.Add(key, _value);
                }

                loader.Complete();
            }

            transaction.Commit();
        }

        for (int i = 0; i < Operations; i++)
        {
            _keys[i] = new byte[KeyStream.KeyLength];
            keys.Write((long)(Mixing.Mix((ulong)i) % Entries), _keys[i]);
            _ranks[i] = (long)(Mixing.Mix((ulong)i + Entries) % Entries);
        }
    }

    /// <summary>Closes the database.</summary>
    [GlobalCleanup]
    public void Cleanup() => _database?.Dispose();

    /// <summary>A lookup in a plain tree.</summary>
    [Benchmark(Description = "get, plain tree", OperationsPerInvoke = Operations)]
    public long GetPlain() => Get(_plain!);

    /// <summary>A lookup in a counted tree.</summary>
    [Benchmark(Description = "get, counted tree", OperationsPerInvoke = Operations)]
    public long GetCounted() => Get(_counted!);

    /// <summary>The rank of a key.</summary>
    [Benchmark(Description = "rank of a key", OperationsPerInvoke = Operations)]
    public long Rank()
    {
        using ReadTransaction read = _database!.BeginRead();
        TreeReader tree = read[_counted!];
        long sum = 0;
        foreach (byte[] key in _keys)
        {
            sum += tree.Rank(key);
        }

        return sum;
    }

    /// <summary>The entry at an index.</summary>
    [Benchmark(Description = "entry at an index", OperationsPerInvoke = Operations)]
    public long At()
    {
        using ReadTransaction read = _database!.BeginRead();
        TreeReader tree = read[_counted!];
        long sum = 0;
        foreach (long rank in _ranks)
        {
            sum += tree.ElementAt(rank).Value.Length;
        }

        return sum;
    }

    /// <summary>A put of a thousand in a transaction, in a plain tree.</summary>
    [Benchmark(Description = "put of 1,000, plain tree", OperationsPerInvoke = Puts)]
    public void PutPlain() => Put(_plain!);

    /// <summary>A put of a thousand in a transaction, in a counted tree.</summary>
    [Benchmark(Description = "put of 1,000, counted tree", OperationsPerInvoke = Puts)]
    public void PutCounted() => Put(_counted!);

    private long Get(Tree tree)
    {
        using ReadTransaction read = _database!.BeginRead();
        TreeReader reader = read[tree];
        long sum = 0;
        foreach (byte[] key in _keys)
        {
            sum += reader.TryGet(key, out ReadOnlySpan<byte> value) ? value.Length : 0;
        }

        return sum;
    }

    private void Put(Tree tree)
    {
        using WriteTransaction transaction = _database!.BeginWrite();
        TreeWriter writer = transaction[tree];
        for (int i = 0; i < Puts; i++)
        {
            writer.Put(_keys[_next++ % Operations], _value);
        }

        transaction.Commit(CommitMode.Deferred);
    }
}
