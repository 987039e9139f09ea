using Engine.PropertyTests.Model;

namespace Engine.PropertyTests.Crash;

/// <summary>
/// What leads a database from one state of the model to another, as who keeps a copy of a database does it: trees are
/// made as they are defined, and entries are written as they are stored.
/// </summary>
internal sealed class StateDelta
{
    private readonly List<TreeMove> _moves;
    private readonly List<TreeChanges> _trees = [];

    public StateDelta(ModelState from, ModelState to)
    {
        _moves = [.. from.TreeNames.Where(name => !IsTheSame(name, from, to))
            .Select(static name => new TreeMove(name, null, null))];
        foreach (var name in to.TreeNames.Prepend(""))
        {
            var isNew = !IsTheSame(name, from, to);
            if (isNew)
            {
                _moves.Add(new TreeMove(null, name, to.KindOf(name).Definition));
            }

            _trees.Add(Between(name, isNew ? from[""].Clear() : from[name], to[name]));
        }
    }

    public void Apply(Database database, WriteTransaction transaction)
    {
        transaction.MoveTrees(_moves);
        foreach (var (name, deletes, puts) in _trees)
        {
            var tree = name.Length == 0 ? database.Main : database.GetTree(name);
            foreach (var key in deletes)
            {
                if (!transaction.DeleteStored(tree, key))
                {
                    throw new PropertyFailedException($"{Convert.ToHexString(key)} is missing in tree '{name}'");
                }
            }

            foreach (var (key, value) in puts)
            {
                transaction.PutStored(tree, key, value);
            }
        }
    }

    // A tree of another kind under the same name is another tree.
    private static bool IsTheSame(string name, ModelState from, ModelState to) =>
        from.HasTree(name) && to.HasTree(name) && from.KindOf(name) == to.KindOf(name);

    private static TreeChanges Between(
        string name, IReadOnlyDictionary<byte[], byte[]> from, IReadOnlyDictionary<byte[], byte[]> to)
    {
        var changes = new TreeChanges(name, [], []);
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
        string Name, List<byte[]> Deletes, List<KeyValuePair<byte[], byte[]>> Puts);
}
