using Engine.PropertyTests.Model;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Malformed;

/// <summary>
/// The changes that an execution makes to the file, as the engine sees them and as the model does: overwriting with
/// smaller and larger values, inserting, deleting, ranges, creating, dropping and truncating trees. The keys come from
/// the sample, the order from the variant.
/// </summary>
internal static class ChangeScript
{
    public const int Variants = 4;
    private const string NewTree = "zz";

    public static void Apply(Database database, WriteTransaction transaction, MalformedSample sample, int variant)
    {
        var keys = sample.Keys;
        var main = database.Main;
        transaction[main].Put(keys[0], Value(20, variant));
        transaction[main].Put(keys[keys.Length / 2], Value(3 * sample.PageSize, variant + 1));
        for (var i = 0; i < 6; i++)
        {
            transaction[main].Put(NewKey(keys, i * 7, variant), Value(10 + (i * 9), i));
        }

        transaction[main].Delete(keys[keys.Length / 3]);
        transaction[main].Delete(keys[^1]);
        var named = transaction.CreateTree(sample.TreeName);
        transaction[named].Put(keys[1], Value(30, variant));
        transaction[named].Delete(keys[2]);
        switch (variant)
        {
            case 0:
                transaction[main].DeleteRange(keys[keys.Length / 4], keys[keys.Length * 3 / 4]);
                break;
            case 1:
                transaction[main].DeleteFrom(keys[keys.Length / 5]);
                transaction.DropTree(named);
                break;
            case 2:
                transaction[named].Clear();
                transaction[main].Clear();
                transaction[main].Put(keys[0], Value(1, 1));
                break;
            default:
                transaction[transaction.CreateTree(NewTree)].Put(keys[0], Value(100, 4));
                DeleteEverySecond(transaction, main);
                break;
        }
    }

    public static void Apply(TreeContents contents, MalformedSample sample, int variant)
    {
        var keys = sample.Keys;
        var main = contents.Main;
        main[keys[0]] = Value(20, variant);
        main[keys[keys.Length / 2]] = Value(3 * sample.PageSize, variant + 1);
        for (var i = 0; i < 6; i++)
        {
            main[NewKey(keys, i * 7, variant)] = Value(10 + (i * 9), i);
        }

        main.Remove(keys[keys.Length / 3]);
        main.Remove(keys[^1]);
        var named = contents.Create(sample.TreeName);
        named[keys[1]] = Value(30, variant);
        named.Remove(keys[2]);
        switch (variant)
        {
            case 0:
                Remove(main, keys[keys.Length / 4], keys[keys.Length * 3 / 4]);
                break;
            case 1:
                Remove(main, keys[keys.Length / 5], null);
                contents.Drop(sample.TreeName);
                break;
            case 2:
                named.Clear();
                main.Clear();
                main[keys[0]] = Value(1, 1);
                break;
            default:
                contents.Create(NewTree)[keys[0]] = Value(100, 4);
                foreach (var key in main.Keys.Where((_, i) => i % 2 == 0).ToList())
                {
                    main.Remove(key);
                }

                break;
        }
    }

    // A cursor that deletes what it stands on.
    private static void DeleteEverySecond(WriteTransaction transaction, Tree main)
    {
        var cursor = transaction[main].OpenCursor();
        var delete = true;
        for (var found = cursor.MoveToFirst(); found; found = cursor.MoveNext())
        {
            if (delete)
            {
                cursor.Delete();
            }

            delete = !delete;
        }
    }

    private static void Remove(SortedDictionary<byte[], byte[]> entries, byte[] from, byte[]? to)
    {
        foreach (var key in entries.Keys.Where(
            key => ByteOrder.Instance.Compare(from, key) <= 0
                && (to is null || ByteOrder.Instance.Compare(key, to) < 0)).ToList())
        {
            entries.Remove(key);
        }
    }

    private static byte[] NewKey(byte[][] keys, int index, int variant) =>
        [.. keys[index % keys.Length].AsSpan(0, Math.Min(20, keys[index % keys.Length].Length)), (byte)variant];

    private static byte[] Value(int length, int seed)
    {
        var value = new byte[length];
        Dice.Fill(value, (ulong)seed);
        return value;
    }
}
