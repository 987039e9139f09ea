using System.Buffers.Binary;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Processes;

/// <summary>Transactions by number, the same in the process that writes them and in the one that checks what is left of them.</summary>
internal static class Batch
{
    private const string SecondTree = "second";
    private static readonly byte[] Counter = "the number of the last batch"u8.ToArray();

    /// <summary>Writes a batch, its number with it.</summary>
    public static void Write(Database database, WriteTransaction transaction, int number)
    {
        var second = transaction.CreateTree(SecondTree);
        foreach (var (inSecond, key, value) in Changes(number))
        {
            var tree = inSecond ? second : database.Main;
            if (value is null)
            {
                transaction.Delete(tree, key);
            }
            else
            {
                transaction.Put(tree, key, value);
            }
        }

        transaction.Put(database.Main, Counter, Sample.Key(number));
    }

    /// <summary>Does to a model what <see cref="Write"/> does to a database.</summary>
    public static void Apply(Dictionary<string, SortedDictionary<byte[], byte[]>> model, int number)
    {
        model.TryAdd(string.Empty, new(ByteOrder.Instance));
        model.TryAdd(SecondTree, new(ByteOrder.Instance));
        foreach (var (inSecond, key, value) in Changes(number))
        {
            var tree = model[inSecond ? SecondTree : string.Empty];
            if (value is null)
            {
                tree.Remove(key);
            }
            else
            {
                tree[key] = value;
            }
        }

        model[string.Empty][Counter] = Sample.Key(number);
    }

    /// <summary>The number of the last batch that a database holds; 0 if none.</summary>
    public static int LastOf(Database database) =>
        Sample.Get(database, Counter) is { } value ? BinaryPrimitives.ReadInt32BigEndian(value) : 0;

    private static IEnumerable<(bool InSecond, byte[] Key, byte[]? Value)> Changes(int number)
    {
        var random = new Random(number);
        var count = number % 50 == 0 ? 2500 : random.Next(1, 40);
        for (var i = 0; i < count; i++)
        {
            var length = random.Next(500) switch { 0 => 300_000, < 10 => random.Next(20_000), _ => random.Next(150) };
            yield return (random.Next(3) == 0, Sample.Key(random.Next(3000)), random.Next(4) == 0 ? null : Sample.Bytes(length, i));
        }
    }
}
