using System.Text;

namespace Engine.Tests.Transactions;

/// <summary>Does the same to a transaction and to a model.</summary>
internal sealed class TransactionPlayer(Database database, Random random, TransactionModel model)
{
    private static readonly string[] Names = ["a", "b", "c"];

    private byte _fill;

    public TransactionModel Model { get; private set; } = model;

    public void Play(WriteTransaction transaction, int steps)
    {
        var savepoints = new List<(Savepoint Savepoint, TransactionModel Model)>();
        var stale = new List<Savepoint>();
        var cursor = transaction.Main.OpenCursor();
        for (var i = 0; i < steps; i++)
        {
            switch (random.Next(20))
            {
                case 0 or 1:
                    savepoints.Add((transaction.Savepoint(), Model.Copy()));
                    break;
                case 2 or 3 when savepoints.Count > 0:
                    var to = random.Next(savepoints.Count);
                    transaction.RollBackTo(savepoints[to].Savepoint);
                    Model = savepoints[to].Model.Copy();
                    stale.AddRange(savepoints.Skip(to + 1).Select(static saved => saved.Savepoint));
                    savepoints.RemoveRange(to + 1, savepoints.Count - to - 1);
                    Assert.That(
                        transaction.Read(read => TransactionModel.From(read, database)), Is.EqualTo(Model.ToString()));
                    break;
                case 4 when savepoints.Count > 0:
                    var released = random.Next(savepoints.Count);
                    transaction.Release(savepoints[released].Savepoint);
                    stale.Add(savepoints[released].Savepoint);
                    savepoints.RemoveAt(released);
                    break;
                case 5 when stale.Count > 0:
                    var gone = stale[random.Next(stale.Count)];
                    Assert.That(() => transaction.RollBackTo(gone), Throws.TypeOf<SavepointException>());
                    break;
                case 6 when steps > 10:
                    Nest(transaction, random.Next(steps / 2));
                    break;
                case 7:
                    ChangeNames(transaction);
                    break;
                case 8:
                    DeleteRange(transaction);
                    break;
                case 9:
                    Load(transaction, savepoints);
                    break;
                case 10:
                    var isThere = cursor.Seek(Key());
                    Assert.That(isThere || cursor.MovePrevious(), Is.EqualTo(Model.Trees[string.Empty].Count > 0));
                    break;
                case 11 when cursor.IsValid:
                    var next = Encoding.ASCII.GetString(cursor.Key);
                    Assert.That(Model.Trees[string.Empty].ContainsKey(next), $"the cursor is on {next}");
                    break;
                case 12 or 13:
                    Delete(transaction);
                    break;
                default:
                    Put(transaction);
                    break;
            }
        }

        Assert.That(transaction.Read(read => TransactionModel.From(read, database)), Is.EqualTo(Model.ToString()));
    }

    private byte[] Key() => Encoding.ASCII.GetBytes($"key{random.Next(60):00}{new string('x', random.Next(12))}");

    private Tree AnyTree(out SortedDictionary<string, byte[]> entries)
    {
        var names = Model.Trees.Keys.ToArray();
        var name = names[random.Next(names.Length)];
        entries = Model.Trees[name];
        return name.Length == 0 ? database.Main : database.GetTree(name);
    }

    private void Put(WriteTransaction transaction)
    {
        var tree = AnyTree(out var entries);
        var key = Key();
        var length = random.Next(10) switch { 0 => random.Next(5000), 1 => random.Next(600), _ => random.Next(40) };
        var value = new byte[length];
        value.AsSpan().Fill(++_fill);
        transaction[tree].Put(key, value);
        entries[Encoding.ASCII.GetString(key)] = value;
    }

    private void Delete(WriteTransaction transaction)
    {
        var tree = AnyTree(out var entries);
        var key = entries.Count > 0
            ? Encoding.ASCII.GetBytes(entries.Keys.ElementAt(random.Next(entries.Count)))
            : Key();
        Assert.That(transaction[tree].Delete(key), Is.EqualTo(entries.Remove(Encoding.ASCII.GetString(key))));
    }

    private void DeleteRange(WriteTransaction transaction)
    {
        var tree = AnyTree(out var entries);
        var (from, to) = (random.Next(60), random.Next(61));
        var (low, high) = ($"key{from:00}", $"key{to:00}");
        transaction[tree].DeleteRange(Encoding.ASCII.GetBytes(low), Encoding.ASCII.GetBytes(high));
        foreach (var key in entries.Keys.Where(key =>
            string.CompareOrdinal(key, low) >= 0 && string.CompareOrdinal(key, high) < 0).ToArray())
        {
            entries.Remove(key);
        }
    }

    private void ChangeNames(WriteTransaction transaction)
    {
        var (name, other) = (Names[random.Next(Names.Length)], Names[random.Next(Names.Length)]);
        if (!Model.Trees.TryGetValue(name, out var entries))
        {
            transaction.CreateTree(name);
            Model.Trees[name] = new(StringComparer.Ordinal);
        }
        else if (random.Next(2) == 0)
        {
            transaction.DropTree(name);
            Model.Trees.Remove(name);
        }
        else if (!Model.Trees.ContainsKey(other))
        {
            transaction.RenameTree(name, other);
            Model.Trees.Remove(name);
            Model.Trees[other] = entries;
        }
    }

    private void Nest(WriteTransaction transaction, int steps)
    {
        var before = Model.Copy();
        using var nested = transaction.BeginNested();
        Play(nested, steps);
        Assert.That(() => transaction.Main.Put("x"u8, "y"u8), Throws.InvalidOperationException);
        if (random.Next(2) == 0)
        {
            nested.Commit();
        }
        else
        {
            nested.Dispose();
            Model = before;
        }
    }

    private void Load(WriteTransaction transaction, List<(Savepoint Savepoint, TransactionModel Model)> savepoints)
    {
        var tree = AnyTree(out var entries);
        using var load = transaction[tree].BeginLoad();
        var count = random.Next(30);
        for (var i = 0; i < count; i++)
        {
            var key = $"key{i:00}";
            load.Add(Encoding.ASCII.GetBytes(key), [(byte)i]);
            entries[key] = [(byte)i];
            if (random.Next(20) == 0 && savepoints.Count > 0)
            {
                // From before the load: nothing is left of it.
                var (savepoint, model) = savepoints[^1];
                transaction.RollBackTo(savepoint);
                Model = model.Copy();
                Assert.That(() => load.Add("k"u8, "v"u8), Throws.InvalidOperationException);
                return;
            }
        }

        if (random.Next(2) == 0)
        {
            var within = transaction.Savepoint();
            load.Add("key99"u8, [1]);
            load.Add("key00"u8, [1]);
            transaction.RollBackTo(within);
            transaction.Release(within);
            Assert.That(load.Added, Is.EqualTo(count));
        }

        load.Complete();
    }
}
