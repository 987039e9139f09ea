using BenchmarkDotNet.Attributes;
using Engine.Bench.Data;

namespace Engine.Bench.Micro;

/// <summary>
/// Read transactions and enumeration on a tree of some pages, in memory and in the processor's cache.
/// </summary>
public class Reading
{
    private const int Entries = 1000;

    private readonly byte[] _key = new byte[KeyStream.KeyLength];
    private Database? _database;

    /// <summary>Fills the tree.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _database = Database.OpenInMemory();
        KeyStream keys = new(KeyOrder.Sequential, 1, Entries);
        byte[] value = new byte[100];
        using WriteTransaction transaction = _database.BeginWrite();
        for (int i = 0; i < Entries; i++)
        {
            keys.Write(i, _key);
            transaction.Main.Put(_key, value);
        }

        transaction.Commit();
    }

    /// <summary>Closes the database.</summary>
    [GlobalCleanup]
    public void Cleanup() => _database?.Dispose();

    /// <summary>A read transaction that reads nothing.</summary>
    [Benchmark(Description = "reader begin and end")]
    public void BeginAndEnd()
    {
        using ReadTransaction read = _database!.BeginRead();
    }

    /// <summary>A read transaction that looks one key up.</summary>
    [Benchmark(Description = "reader begin, get, end")]
    public int BeginGetAndEnd()
    {
        using ReadTransaction read = _database!.BeginRead();
        return read.Main.TryGet(_key, out ReadOnlySpan<byte> value)
            ? value.Length
            : throw new InvalidOperationException("The last key is missing.");
    }

    /// <summary>An entry of a forward enumeration.</summary>
    [Benchmark(Description = "enumerator, per entry", OperationsPerInvoke = Entries)]
    public int Enumerate()
    {
        int sum = 0;
        using ReadTransaction read = _database!.BeginRead();
        foreach ((ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) in read.Main.All())
        {
            sum += key.Length + value.Length;
        }

        return sum;
    }

    /// <summary>An entry of a backward enumeration.</summary>
    [Benchmark(Description = "reverse enumerator, per entry", OperationsPerInvoke = Entries)]
    public int EnumerateBackward()
    {
        int sum = 0;
        using ReadTransaction read = _database!.BeginRead();
        foreach ((ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) in read.Main.All().Reverse())
        {
            sum += key.Length + value.Length;
        }

        return sum;
    }
}
