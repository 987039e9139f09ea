using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using Engine.Bench.Data;

namespace Engine.Bench.Micro;

/// <summary>
/// One put into a tree of a million small entries that is undone, within a transaction that goes on. In memory; the
/// keys are taken in turn from a few, so that their pages are in the processor's cache.
/// </summary>
public class Savepoints
{
    private const int Entries = 1_000_000;
    private const int Keys = 64;

    private readonly byte[] _key = new byte[KeyStream.KeyLength];
    private readonly byte[] _value = new byte[16];
    private readonly KeyStream _keys = new(KeyOrder.Sequential, 1, Entries, ordinalFirst: true);
    private Database? _database;
    private WriteTransaction? _transaction;
    private int _number;

    /// <summary>Fills the tree, and begins a transaction that has changed all of the pages.</summary>
    [GlobalSetup(Targets = [nameof(RollBack), nameof(Abort)])]
    public void SetupChanged()
    {
        SetupClean();
        for (int i = 0; i < Keys; i++)
        {
            Put(_transaction!);
        }
    }

    /// <summary>Fills the tree, and begins a transaction that has changed nothing.</summary>
    [GlobalSetup(Target = nameof(RollBackClean))]
    public void SetupClean()
    {
        _database = Database.OpenInMemory(new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan });
        using (WriteTransaction transaction = _database.BeginWrite())
        {
            for (int i = 0; i < Entries; i++)
            {
                _keys.Write(i, _key);
                transaction.Main.Put(_key, _value);
            }

            transaction.Commit();
        }

        _transaction = _database.BeginWrite();
    }

    /// <summary>Closes the database.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _transaction?.Dispose();
        _database?.Dispose();
    }

    /// <summary>The leaf is saved, changed, and restored.</summary>
    [Benchmark(Description = "savepoint, put, rollback")]
    public void RollBack() => PutAndRollBack();

    /// <summary>The path to the leaf is copied, as it is by the first put of a transaction, and forgotten.</summary>
    [Benchmark(Description = "savepoint, put into clean pages, rollback")]
    public void RollBackClean() => PutAndRollBack();

    /// <summary>The leaf is saved, changed, and restored.</summary>
    [Benchmark(Description = "nested transaction, put, abort")]
    public void Abort()
    {
        using WriteTransaction nested = _transaction!.BeginNested();
        Put(nested);
        nested.Abort();
    }

    private void PutAndRollBack()
    {
        Savepoint savepoint = _transaction!.Savepoint();
        Put(_transaction);
        _transaction.RollBackTo(savepoint);
        _transaction.Release(savepoint);
    }

    private void Put(WriteTransaction transaction)
    {
        _number = (_number + 1) % Keys;
        BinaryPrimitives.WriteInt32LittleEndian(_value, _number);
        _keys.Write(_number * (Entries / Keys), _key);
        transaction.Main.Put(_key, _value);
    }
}
