using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;

namespace Engine.Bench.Micro;

/// <summary>
/// A write transaction that changes one page of a tree of one page, in memory: the engine's own part of a commit,
/// without a system call.
/// </summary>
public class MemoryCommit
{
    private readonly byte[] _key = new byte[16];
    private readonly byte[] _value = new byte[100];
    private Database? _database;
    private int _number;

    /// <summary>Fills a page by two thirds.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _database = Database.OpenInMemory(
            new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan, DeferredLimit = long.MaxValue });
        for (int i = 0; i < 20; i++)
        {
            Overwrite(CommitMode.Durable);
        }
    }

    /// <summary>Closes the database.</summary>
    [GlobalCleanup]
    public void Cleanup() => _database?.Dispose();

    /// <summary>Page and meta.</summary>
    [Benchmark(Description = "commit of one page, durable")]
    public void Durable() => Overwrite(CommitMode.Durable);

    /// <summary>Page only.</summary>
    [Benchmark(Description = "commit of one page, deferred")]
    public void Deferred() => Overwrite(CommitMode.Deferred);

    private void Overwrite(CommitMode mode)
    {
        _number++;
        _key[0] = (byte)(_number % 20);
        BinaryPrimitives.WriteInt32LittleEndian(_value, _number);
        using WriteTransaction transaction = _database!.BeginWrite();
        transaction.Main.Put(_key, _value);
        transaction.Commit(mode);
    }
}
