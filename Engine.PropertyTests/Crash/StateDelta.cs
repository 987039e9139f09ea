using Engine.PropertyTests.Model;

namespace Engine.PropertyTests.Crash;

/// <summary>Leads a database from one state of the model to another.</summary>
internal static class StateDelta
{
    public static void Apply(Database database, WriteTransaction transaction, ModelState from, ModelState to)
    {
        foreach (var name in from.TreeNames.Except(to.TreeNames))
        {
            transaction.DropTree(database.GetTree(name));
        }

        Apply(transaction, database.Main, from[""], to[""]);
        foreach (var name in to.TreeNames)
        {
            var tree = transaction.CreateTree(name);
            Apply(transaction, tree, from.HasTree(name) ? from[name] : from[""].Clear(), to[name]);
        }
    }

    private static void Apply(WriteTransaction transaction, Tree tree, IReadOnlyDictionary<byte[], byte[]> from, IReadOnlyDictionary<byte[], byte[]> to)
    {
        foreach (var key in from.Keys.Where(k => !to.ContainsKey(k)))
        {
            transaction.Delete(tree, key);
        }

        foreach (var (key, value) in to)
        {
            if (!from.TryGetValue(key, out var old) || !old.AsSpan().SequenceEqual(value))
            {
                transaction.Put(tree, key, value);
            }
        }
    }
}
