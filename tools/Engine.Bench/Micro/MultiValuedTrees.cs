using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using Engine.Bench.Data;
using Engine.Bench.Peers.Lmdb;

namespace Engine.Bench.Micro;

/// <summary>
/// Pairs of multi-valued trees beside LMDB's DUPSORT databases: 5,000 keys of 16 bytes, of 100 values of 16 bytes
/// each, in files that the system has cached. Puts are not flushed by either.
/// </summary>
public unsafe class MultiValuedTrees
{
    private const int Keys = 5_000;
    private const int ValuesOfAKey = 100;
    private const int ValueLength = 16;
    private const int Lookups = 4096;
    private const int Scans = 64;
    private const int Puts = 1000;

    private readonly byte[][] _keys = new byte[Keys][];
    private readonly byte[][] _lookedUp = new byte[Lookups][];
    private readonly byte[] _value = new byte[ValueLength];
    private string _directory = "";
    private Database? _database;
    private MultiTree? _tree;
    private nint _environment;
    private nint _reader;
    private uint _lmdb;
    private ulong _next;

    /// <summary>Fills a tree whose keys may have any length.</summary>
    [GlobalSetup(Targets = [nameof(LookUp), nameof(Scan), nameof(Add)])]
    public void SetupTree() => OpenTree(keySize: 0);

    /// <summary>Fills a tree whose keys have one length with the same pairs.</summary>
    [GlobalSetup(Targets = [nameof(LookUpFixed), nameof(ScanFixed), nameof(AddFixed)])]
    public void SetupFixed() => OpenTree(KeyStream.KeyLength);

    /// <summary>Fills a database of LMDB with the same pairs.</summary>
    [GlobalSetup(Targets = [nameof(LookUpLmdb), nameof(ScanLmdb), nameof(AddLmdb)])]
    public void SetupLmdb()
    {
        MakePairs();
        OpenLmdb();
    }

    /// <summary>Closes the databases.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _database?.Dispose();
        if (_environment != 0)
        {
            LmdbNative.Abort(_reader);
            LmdbNative.CloseEnvironment(_environment);
        }

        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Whether a pair is there.</summary>
    [Benchmark(Description = "pair, keys of any length", OperationsPerInvoke = Lookups)]
    public int LookUp() => LookUp(_tree!);

    /// <summary>Whether a pair is there.</summary>
    [Benchmark(Description = "pair, keys of one length", OperationsPerInvoke = Lookups)]
    public int LookUpFixed() => LookUp(_tree!);

    /// <summary>Whether a pair is there.</summary>
    [Benchmark(Description = "pair, LMDB DUPSORT", OperationsPerInvoke = Lookups)]
    public int LookUpLmdb()
    {
        LmdbNative.Check(LmdbNative.RenewHot(_reader));
        nint cursor;
        LmdbNative.Check(LmdbNative.OpenCursor(_reader, _lmdb, &cursor));
        int found = 0;
        for (int i = 0; i < Lookups; i++)
        {
            fixed (byte* keyBytes = KeyOf(i), valueBytes = _lookedUp[i])
            {
                LmdbValue key = new(keyBytes, KeyStream.KeyLength), value = new(valueBytes, ValueLength);
                found += LmdbNative.CursorGetHot(cursor, &key, &value, LmdbCursorOperation.GetBoth) == 0 ? 1 : 0;
            }
        }

        LmdbNative.CloseCursor(cursor);
        LmdbNative.ResetHot(_reader);
        return Require(found);
    }

    /// <summary>All values of a key, for each value.</summary>
    [Benchmark(Description = "value of a scan, keys of any length", OperationsPerInvoke = Scans * ValuesOfAKey)]
    public int Scan() => Scan(_tree!);

    /// <summary>All values of a key, for each value.</summary>
    [Benchmark(Description = "value of a scan, keys of one length", OperationsPerInvoke = Scans * ValuesOfAKey)]
    public int ScanFixed() => Scan(_tree!);

    /// <summary>All values of a key, for each value.</summary>
    [Benchmark(Description = "value of a scan, LMDB DUPSORT", OperationsPerInvoke = Scans * ValuesOfAKey)]
    public int ScanLmdb()
    {
        LmdbNative.Check(LmdbNative.RenewHot(_reader));
        nint cursor;
        LmdbNative.Check(LmdbNative.OpenCursor(_reader, _lmdb, &cursor));
        int sum = 0;
        for (int i = 0; i < Scans; i++)
        {
            fixed (byte* keyBytes = KeyOf(i))
            {
                LmdbValue key = new(keyBytes, KeyStream.KeyLength), value;
                int result = LmdbNative.CursorGetHot(cursor, &key, &value, LmdbCursorOperation.Set);
                while (result == 0)
                {
                    sum += value.Span[0] + 1;
                    result = LmdbNative.CursorGetHot(cursor, &key, &value, LmdbCursorOperation.NextDuplicate);
                }
            }
        }

        LmdbNative.CloseCursor(cursor);
        LmdbNative.ResetHot(_reader);
        return sum;
    }

    /// <summary>New values of keys in random order, a thousand in a transaction.</summary>
    [Benchmark(Description = "add of 1,000, keys of any length", OperationsPerInvoke = Puts)]
    public int Add() => Add(_tree!);

    /// <summary>New values of keys in random order, a thousand in a transaction.</summary>
    [Benchmark(Description = "add of 1,000, keys of one length", OperationsPerInvoke = Puts)]
    public int AddFixed() => Add(_tree!);

    /// <summary>New values of keys in random order, a thousand in a transaction.</summary>
    [Benchmark(Description = "add of 1,000, LMDB DUPSORT", OperationsPerInvoke = Puts)]
    public int AddLmdb()
    {
        nint transaction;
        LmdbNative.Check(LmdbNative.Begin(_environment, 0, 0, &transaction));
        int added = 0;
        for (int i = 0; i < Puts; i++)
        {
            WriteValue(_next, _value);
            fixed (byte* keyBytes = _keys[Mixing.Mix(_next++) % Keys], valueBytes = _value)
            {
                added += PutLmdb(transaction, keyBytes, valueBytes) ? 1 : 0;
            }
        }

        LmdbNative.Check(LmdbNative.Commit(transaction));
        return added;
    }

    // Spread over all of them, and of no order.
    private static void WriteValue(ulong number, Span<byte> value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(value, Mixing.Mix(number));
        BinaryPrimitives.WriteUInt64BigEndian(value[8..], number);
    }

    private byte[] KeyOf(int lookup) => _keys[Mixing.Mix((ulong)lookup) % (Keys * ValuesOfAKey) % Keys];

    private int LookUp(MultiTree tree)
    {
        using ReadTransaction read = _database!.BeginRead();
        MultiTreeReader reader = read[tree];
        int found = 0;
        for (int i = 0; i < Lookups; i++)
        {
            found += reader.Contains(KeyOf(i), _lookedUp[i]) ? 1 : 0;
        }

        return Require(found);
    }

    private int Scan(MultiTree tree)
    {
        using ReadTransaction read = _database!.BeginRead();
        MultiTreeReader reader = read[tree];
        int sum = 0;
        for (int i = 0; i < Scans; i++)
        {
            foreach (ReadOnlySpan<byte> value in reader.Values(KeyOf(i)))
            {
                sum += value[0] + 1;
            }
        }

        return sum;
    }

    private int Add(MultiTree tree)
    {
        using WriteTransaction transaction = _database!.BeginWrite();
        MultiTreeWriter writer = transaction[tree];
        int added = 0;
        for (int i = 0; i < Puts; i++)
        {
            WriteValue(_next, _value);
            added += writer.Add(_keys[Mixing.Mix(_next++) % Keys], _value) ? 1 : 0;
        }

        transaction.Commit(CommitMode.Deferred);
        return added;
    }

    private void MakePairs()
    {
        _next = Keys * ValuesOfAKey;
        _directory = Directory.CreateTempSubdirectory("pairs").FullName;
        KeyStream stream = new(KeyOrder.Shuffled, 1, Keys);
        for (int i = 0; i < Keys; i++)
        {
            _keys[i] = new byte[KeyStream.KeyLength];
            stream.Write(i, _keys[i]);
        }

        for (int i = 0; i < Lookups; i++)
        {
            _lookedUp[i] = new byte[ValueLength];
            WriteValue(Mixing.Mix((ulong)i) % (Keys * ValuesOfAKey), _lookedUp[i]);
        }
    }

    private void OpenTree(int keySize)
    {
        MakePairs();
        _database = Database.Open(
            Path.Combine(_directory, "engine.db"),
            new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan, DeferredLimit = long.MaxValue });
        using WriteTransaction transaction = _database.BeginWrite();
        _tree = transaction.CreateMultiTree("pairs", keySize: keySize);
        using MultiTreeLoader loader = transaction[_tree].BeginLoad();
        for (ulong i = 0; i < Keys * ValuesOfAKey; i++)
        {
            WriteValue(i, _value);
            loader.Add(_keys[i % Keys], _value);
        }

        loader.Complete();
        transaction.Commit();
    }

    private void OpenLmdb()
    {
        nint environment;
        LmdbNative.Check(LmdbNative.CreateEnvironment(&environment));
        _environment = environment;
        LmdbNative.Check(LmdbNative.SetMapSize(environment, unchecked((nuint)(16UL << 30))));
        const uint Mode = 0b110_100_100;
        LmdbNative.Check(LmdbNative.OpenEnvironment(
            environment,
            Path.Combine(_directory, "lmdb.mdb"),
            LmdbNative.NoSubdirectory | LmdbNative.NoThreadLocalStorage | LmdbNative.NoSync,
            Mode));
        nint transaction;
        uint database;
        LmdbNative.Check(LmdbNative.Begin(environment, 0, 0, &transaction));
        LmdbNative.Check(LmdbNative.OpenDatabase(transaction, null, LmdbNative.DuplicatesSorted, &database));
        _lmdb = database;
        for (ulong i = 0; i < Keys * ValuesOfAKey; i++)
        {
            WriteValue(i, _value);
            fixed (byte* keyBytes = _keys[i % Keys], valueBytes = _value)
            {
                _ = PutLmdb(transaction, keyBytes, valueBytes);
            }
        }

        LmdbNative.Check(LmdbNative.Commit(transaction));
        nint reader;
        LmdbNative.Check(LmdbNative.Begin(environment, 0, LmdbNative.ReadOnly, &reader));
        LmdbNative.ResetHot(reader);
        _reader = reader;
    }

    private bool PutLmdb(nint transaction, byte* keyBytes, byte* valueBytes)
    {
        LmdbValue key = new(keyBytes, KeyStream.KeyLength), value = new(valueBytes, ValueLength);
        int result = LmdbNative.Put(transaction, _lmdb, &key, &value, LmdbNative.NoDuplicateData);
        LmdbNative.Check(result == LmdbNative.KeyExists ? 0 : result);
        return result == 0;
    }

    private static int Require(int found) => found == Lookups
        ? found
        : throw new BenchException($"{Lookups - found} of {Lookups} pairs were not found.");
}
