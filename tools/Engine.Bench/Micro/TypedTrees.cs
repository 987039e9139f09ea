using System.Buffers.Binary;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;

namespace Engine.Bench.Micro;

/// <summary>
/// What a typed tree costs beside bytes that are encoded by hand: a number as key and a struct of 16 bytes as value, in
/// memory and in the processor's cache.
/// </summary>
public class TypedTrees
{
    private const int Entries = 1000;

    private Database? _database;
    private Tree<long, Point>? _tree;

    /// <summary>Fills the tree.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _database = Database.OpenInMemory();
        _tree = _database.GetTree("points", KeyCodec.Int64, ValueCodec.Struct<Point>());
        using WriteTransaction transaction = _database.BeginWrite();
        transaction.CreateTree(_tree);
        for (int i = 0; i < Entries; i++)
        {
            transaction.Open(_tree).Put(i, new Point(i, -i));
        }

        transaction.Commit();
    }

    /// <summary>Closes the database.</summary>
    [GlobalCleanup]
    public void Cleanup() => _database?.Dispose();

    /// <summary>A key encoded by hand, and a value read by hand.</summary>
    [Benchmark(Description = "get of bytes, by hand", OperationsPerInvoke = Entries)]
    public double Bytes()
    {
        double sum = 0;
        using ReadTransaction read = _database!.BeginRead();
        TreeReader reader = read[_tree!.Untyped];
        Span<byte> key = stackalloc byte[sizeof(long)];
        for (long i = 0; i < Entries; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(key, i ^ long.MinValue);
            if (reader.TryGet(key, out ReadOnlySpan<byte> value))
            {
                sum += MemoryMarshal.Read<Point>(value).X;
            }
        }

        return sum;
    }

    /// <summary>The same by the typed tree.</summary>
    [Benchmark(Description = "get of a typed tree", OperationsPerInvoke = Entries)]
    public double Typed()
    {
        double sum = 0;
        using ReadTransaction read = _database!.BeginRead();
        TreeReader<long, Point> reader = read.Open(_tree!);
        for (long i = 0; i < Entries; i++)
        {
            if (reader.TryGet(i, out Point value))
            {
                sum += value.X;
            }
        }

        return sum;
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Point(double X, double Y);
}
