using Engine.PropertyTests.Checking;
using Engine.PropertyTests.Model;

namespace Engine.PropertyTests.Crash;

/// <summary>What leads a database from one state of the model to another.</summary>
internal sealed class StateDelta
{
    private readonly List<string> _dropped;
    private readonly List<TreeChanges> _trees = [];
    private readonly ModelState _to;

    public StateDelta(ModelState from, ModelState to)
    {
        _to = to;
        _dropped = [.. from.TreeNames.Where(name => !IsTheSame(name, from, to))];
        foreach (var name in to.TreeNames.Prepend(""))
        {
            var isNew = !IsTheSame(name, from, to);
            _trees.Add(Between(name, isNew, isNew ? from[""].Clear() : from[name], to[name]));
        }
    }

    public void Apply(Database database, WriteTransaction transaction)
    {
        foreach (var name in _dropped)
        {
            transaction.DropTree(database.GetTree(name));
        }

        foreach (var (name, isNew, deletes, puts) in _trees)
        {
            var tree = name.Length == 0 ? database.Main
                : isNew ? transaction.CreateTree(name, _to.OptionsOf(name))
                : database.GetTree(name);
            foreach (var key in deletes)
            {
                transaction[tree].Delete(key);
            }

            if (_to.OptionsOf(name).HasFlag(TreeOptions.MultiValued))
            {
                Add(transaction, database.GetMultiTree(name), puts);
                continue;
            }

            foreach (var (key, value) in puts)
            {
                transaction[tree].Put(key, value);
            }
        }
    }

    private static void Add(WriteTransaction transaction, MultiTree tree, List<KeyValuePair<byte[], byte[]>> puts)
    {
        foreach (var (entry, _) in puts)
        {
            if (!default(PairImage).TrySplit(entry, out var key, out var value) || !transaction[tree].Add(key, value))
            {
                throw new PropertyFailedException($"{Convert.ToHexString(entry)} is no pair, or is there already");
            }
        }
    }

    // A tree of another kind under the same name is another tree.
    private static bool IsTheSame(string name, ModelState from, ModelState to) =>
        from.HasTree(name) && to.HasTree(name) && from.OptionsOf(name) == to.OptionsOf(name);

    private static TreeChanges Between(
        string name, bool isNew, IReadOnlyDictionary<byte[], byte[]> from, IReadOnlyDictionary<byte[], byte[]> to)
    {
        var changes = new TreeChanges(name, isNew, [], []);
        foreach (var key in from.Keys)
        {
            if (!to.ContainsKey(key))
            {
                changes.Deletes.Add(key);
            }
        }

        foreach (var (key, value) in to)
        {
            if (!from.TryGetValue(key, out var old) || !old.AsSpan().SequenceEqual(value))
            {
                changes.Puts.Add(new(key, value));
            }
        }

        return changes;
    }

    private sealed record TreeChanges(
        string Name, bool IsNew, List<byte[]> Deletes, List<KeyValuePair<byte[], byte[]>> Puts);
}
