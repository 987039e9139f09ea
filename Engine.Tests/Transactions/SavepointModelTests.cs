using System.Text;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>
/// Random programs of savepoints, nested transactions and whatever they must bring back, against a model that copies
/// everything. Pages are tiny, and the budget so small that much of it is spilled in between.
/// </summary>
public class SavepointModelTests
{
    private static readonly string[] Names = ["a", "b", "c"];

    [Test]
    public void RollingBack_BringsEverythingBack(
        [Values(0, 3000, 20_000, 10_000_000)] int budget, [Values(0, 1, 2, 3)] int round)
    {
        for (var i = 0; i < 12; i++)
        {
            var seed = Random.Shared.Next();
            Run(seed, budget);
        }
    }

    private static void Run(int seed, long budget)
    {
        var random = new Random(seed);
        using var database = Database.OpenInMemory(new DatabaseOptions
        {
            PageSize = 256 << random.Next(2),
            AllowTestPageSizes = true,
            TransactionMemory = budget,
            EarlyWriteThreshold = 2000,
            FlushInterval = Timeout.InfiniteTimeSpan,
        });
        try
        {
            Run(database, random);
        }
        catch (Exception e)
        {
            // Closing what is in pieces may fail, too, and would hide this.
            throw new AssertionException($"seed {seed}, budget {budget}: {e}", e);
        }
    }

    private static void Run(Database database, Random random)
    {
        var committed = new Model();
        for (var transactions = 0; transactions < 6; transactions++)
        {
            using var transaction = database.BeginWrite();
            var player = new Player(database, random, committed.Copy());
            player.Play(transaction, random.Next(150));
            if (random.Next(4) == 0)
            {
                transaction.Abort();
            }
            else
            {
                transaction.Commit(random.Next(3) == 0 ? CommitMode.Deferred : CommitMode.Durable);
                committed = player.Model;
            }

            using var read = database.BeginRead();
            Assert.That(Model.From(read, database), Is.EqualTo(committed.ToString()));
            var report = database.Check();
            Assert.That(report.Problems.Select(static problem => problem.ToString()), Is.Empty);
        }
    }

    /// <summary>Trees by name, the default one under the empty name.</summary>
    private sealed class Model
    {
        public SortedDictionary<string, SortedDictionary<string, byte[]>> Trees { get; } =
            new(StringComparer.Ordinal) { [string.Empty] = new(StringComparer.Ordinal) };

        public static string From(ReadTransaction read, Database database)
        {
            var text = new StringBuilder();
            Add(text, string.Empty, read.Main);
            foreach (var name in read.GetTreeNames())
            {
                Add(text, name, read[database.GetTree(name)]);
            }

            return text.ToString();
        }

        public static void Add(StringBuilder text, string name, TreeReader tree)
        {
            text.Append('[').Append(name).Append(']');
            foreach (var (key, value) in tree.All())
            {
                Add(text, Encoding.ASCII.GetString(key), value);
            }
        }

        public Model Copy()
        {
            var copy = new Model();
            foreach (var (name, entries) in Trees)
            {
                copy.Trees[name] = new(entries, StringComparer.Ordinal);
            }

            return copy;
        }

        public override string ToString()
        {
            var text = new StringBuilder();
            foreach (var (name, entries) in Trees)
            {
                text.Append('[').Append(name).Append(']');
                foreach (var (key, value) in entries)
                {
                    Add(text, key, value);
                }
            }

            return text.ToString();
        }

        private static void Add(StringBuilder text, string key, ReadOnlySpan<byte> value) =>
            text.Append(key).Append('=').Append(value.Length).Append(value.Length == 0 ? 0 : value[^1]).Append(';');
    }

    /// <summary>Does the same to a transaction and to a model.</summary>
    private sealed class Player(Database database, Random random, Model model)
    {
        private byte _fill;

        public Model Model { get; private set; } = model;

        public void Play(WriteTransaction transaction, int steps)
        {
            var savepoints = new List<(Savepoint Savepoint, Model Model)>();
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
                        Assert.That(transaction.Read(read => Model.From(read, database)), Is.EqualTo(Model.ToString()));
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

            Assert.That(transaction.Read(read => Model.From(read, database)), Is.EqualTo(Model.ToString()));
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

        private void Load(WriteTransaction transaction, List<(Savepoint Savepoint, Model Model)> savepoints)
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
}
