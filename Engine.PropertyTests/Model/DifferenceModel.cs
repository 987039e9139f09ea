using System.Collections.Immutable;
using Engine.Pages;
using Entries = System.Collections.Immutable.ImmutableSortedDictionary<byte[], byte[]>;

namespace Engine.PropertyTests.Model;

/// <summary>
/// A database that is changed at random, dictionaries that are changed in the same way, and states of both that are
/// kept: what the engine says of the difference of any two is what the dictionaries show.
/// </summary>
internal sealed class DifferenceModel(Database database, int seed) : IDisposable
{
    private const int Keys = 700;
    private const int KeptStates = 3;
    private static readonly Entries NoEntries = ImmutableSortedDictionary.Create<byte[], byte[]>(ByteOrder.Instance);
    private static readonly string[] Names = ["", "a", "b", "c", "d"];

    private readonly Random _random = new(seed);
    private readonly List<(Snapshot Snapshot, ImmutableSortedDictionary<string, ModelTree> Trees)> _kept = [];
    private ImmutableSortedDictionary<string, ModelTree> _trees =
        ImmutableSortedDictionary.Create<string, ModelTree>(StringComparer.Ordinal).Add("", new(0, NoEntries));
    private int _nextId = 1;

    /// <summary>A tree, and what tells it from another one of the same name.</summary>
    private sealed record ModelTree(int Id, Entries Entries);

    public void Run(int transactions)
    {
        Keep();
        for (var i = 0; i < transactions; i++)
        {
            using (var transaction = database.BeginWrite())
            {
                for (var operations = _random.Next(1, 5); operations > 0; operations--)
                {
                    Change(transaction);
                }

                transaction.Commit();
            }

            if (_random.Next(3) == 0)
            {
                Keep();
            }

            Compare();
        }
    }

    public void Dispose()
    {
        foreach (var (snapshot, _) in _kept)
        {
            snapshot.Dispose();
        }
    }

    private void Keep()
    {
        if (_kept.Count == KeptStates)
        {
            var left = _random.Next(KeptStates);
            _kept[left].Snapshot.Dispose();
            _kept.RemoveAt(left);
        }

        _kept.Add((database.OpenSnapshot(), _trees));
    }

    private void Change(WriteTransaction transaction)
    {
        var name = Names[_random.Next(Names.Length)];
        if (!_trees.TryGetValue(name, out var tree))
        {
            transaction.CreateTree(name);
            _trees = _trees.Add(name, tree = new(_nextId++, NoEntries));
        }

        var handle = name.Length == 0 ? database.Main : database.GetTree(name);
        var other = Names[_random.Next(Names.Length)];
        switch (_random.Next(12))
        {
            case 0 when name.Length > 0:
                transaction.DropTree(handle);
                _trees = _trees.Remove(name);
                return;
            case 1 when name.Length > 0 && !_trees.ContainsKey(other):
                transaction.RenameTree(handle, other);
                _trees = _trees.Remove(name).Add(other, tree);
                return;
            case 2:
                transaction[handle].Clear();
                _trees = _trees.SetItem(name, tree with { Entries = NoEntries });
                return;
            default:
                _trees = _trees.SetItem(name, tree with { Entries = Change(transaction[handle], tree.Entries) });
                return;
        }
    }

    private Entries Change(TreeWriter writer, Entries entries)
    {
        var changed = entries.ToBuilder();
        var first = _random.Next(Keys);
        switch (_random.Next(6))
        {
            case 0:
                for (var i = first; i < first + 80; i++)
                {
                    Put(writer, changed, Key(i), _random.Next(30));
                }

                break;
            case 1:
                for (var i = 0; i < 20; i++)
                {
                    Put(writer, changed, Key(_random.Next(Keys)), 12);
                }

                break;
            case 2:
                Put(writer, changed, Key(first), _random.Next(3) * 700);
                break;
            case 3:
                for (var i = first; i < first + 20; i++)
                {
                    writer.Delete(Key(i));
                    changed.Remove(Key(i));
                }

                break;
            case 4:
                var (from, to) = (Key(first), Key(first + _random.Next(300)));
                writer.DeleteRange(from, to);
                foreach (var key in entries.Keys.Where(key => IsBetween(key, from, to)))
                {
                    changed.Remove(key);
                }

                break;
            default:
                // Written anew as it is: no change.
                foreach (var (key, value) in entries.Skip(_random.Next(Keys)).Take(10))
                {
                    writer.Delete(key);
                    writer.Put(key, value);
                }

                break;
        }

        return changed.ToImmutable();
    }

    private void Put(TreeWriter writer, Entries.Builder entries, byte[] key, int length)
    {
        var value = new byte[length];
        Array.Fill(value, (byte)_random.Next(4));
        writer.Put(key, value);
        entries[key] = value;
    }

    private void Compare()
    {
        using var now = database.OpenSnapshot();
        foreach (var (snapshot, trees) in _kept)
        {
            Compare(snapshot, trees, now, _trees);
            Compare(now, _trees, snapshot, trees);
        }
    }

    private void Compare(
        Snapshot older,
        ImmutableSortedDictionary<string, ModelTree> olderTrees,
        Snapshot newer,
        ImmutableSortedDictionary<string, ModelTree> newerTrees)
    {
        using var olderRead = older.BeginRead();
        using var newerRead = newer.BeginRead();
        var changed = newerRead.GetChangedTrees(olderRead);
        RequireTrees(changed, olderTrees, newerTrees);
        foreach (var tree in changed)
        {
            var before = tree.Older is null ? NoEntries : olderTrees[tree.Older.Name].Entries;
            var after = tree.Newer is null ? NoEntries : newerTrees[tree.Newer.Name].Entries;
            var difference = newerRead.ChangesSince(olderRead, tree);
            RequireChanges(difference, before, after, [], null);

            // Of trees that are not the same they are the entries of both; applied to one they give the other.
            var (from, to) = (Key(_random.Next(Keys)), Key(_random.Next(Keys)));
            RequireChanges(difference.Range(from, to), before, after, from, to);
            RequireCost(
                difference,
                tree.Older is null ? default : olderRead[tree.Older],
                tree.Newer is null ? default : newerRead[tree.Newer],
                tree.Older is not null,
                tree.Newer is not null);
        }
    }

    private static void RequireTrees(
        IReadOnlyList<ChangedTree> changed,
        ImmutableSortedDictionary<string, ModelTree> older,
        ImmutableSortedDictionary<string, ModelTree> newer)
    {
        var names = newer.ToDictionary(static tree => tree.Value.Id, static tree => tree.Key);
        foreach (var (name, tree) in older)
        {
            var now = names.GetValueOrDefault(tree.Id);
            var found = changed.SingleOrDefault(change => change.Older?.Name == name);
            Require(
                found is null
                    ? now == name && IsSame(tree.Entries, newer[name].Entries)
                    : found.Newer?.Name == now,
                $"tree '{name}', now '{now}', is said to be '{found}'");
            names.Remove(tree.Id);
        }

        Require(
            names.Values.ToHashSet().SetEquals(
                changed.Where(static tree => tree.Kind == ChangedTreeKind.Created).Select(static tree => tree.Name)),
            "other trees were created");
    }

    private static void RequireChanges(
        TreeDifference difference, Entries before, Entries after, byte[] from, byte[]? to)
    {
        var expected = new SortedSet<byte[]>(before.Keys.Concat(after.Keys), ByteOrder.Instance)
            .Where(key => IsBetween(key, from, to))
            .Where(key => !before.TryGetValue(key, out var old) || !after.TryGetValue(key, out var now)
                || !old.AsSpan().SequenceEqual(now))
            .ToList();
        var applied = before.ToBuilder();
        var index = 0;
        foreach (var change in difference)
        {
            Require(
                index < expected.Count && change.Key.SequenceEqual(expected[index]),
                $"{Convert.ToHexString(change.Key)} is said to have changed");
            var key = expected[index++];
            var (isOld, isNew) = (before.TryGetValue(key, out var old), after.TryGetValue(key, out _));
            Require(
                change.Kind == (!isOld ? ChangeKind.Added : isNew ? ChangeKind.Changed : ChangeKind.Removed)
                    && change.OldValue.SequenceEqual(old),
                $"{Convert.ToHexString(key)} is said to be {change.Kind}");
            if (change.Kind == ChangeKind.Removed)
            {
                applied.Remove(key);
            }
            else
            {
                applied[key] = change.NewValue.ToArray();
            }
        }

        Require(index == expected.Count, $"only {index} of {expected.Count} changes are told");
        Require(to is not null || IsSame(applied.ToImmutable(), after), "the changes, applied, do not give the state");
    }

    /// <summary>
    /// Pages that only one state has must be looked into; of the others a path where such pages are gone.
    /// </summary>
    private static void RequireCost(
        TreeDifference difference, TreeReader older, TreeReader newer, bool hasOlder, bool hasNewer)
    {
        var walk = difference.GetEnumerator();
        while (walk.MoveNext())
        {
        }

        HashSet<ulong> before = [], after = [];
        var depth = 1;
        if (hasOlder)
        {
            AddPages(before, older);
            depth += older.Record.Depth;
        }

        if (hasNewer)
        {
            AddPages(after, newer);
            depth += newer.Record.Depth;
        }

        var differing = before.Except(after).Count() + after.Except(before).Count();
        Require(
            walk.PagesVisited <= (ulong)(differing * 3 / 2) + (ulong)(2 * depth),
            $"{walk.PagesVisited} pages were looked into, of which {differing} are not in both states");
    }

    private static void AddPages(HashSet<ulong> pages, TreeReader reader)
    {
        var tree = reader.Record;
        if (tree.Depth > 0)
        {
            AddPages(pages, reader.Source, tree.Root, tree.RootCrc, tree.Depth - 1);
        }
    }

    private static void AddPages(HashSet<ulong> pages, PageSource source, ulong number, uint crc, int level)
    {
        pages.Add(number);
        if (level > 0)
        {
            var branch = new BranchPage(source.Get(number, crc, level));
            for (var i = 0; i < branch.Count; i++)
            {
                AddPages(pages, source, branch.Child(i), branch.ChildCrc(i), level - 1);
            }
        }
    }

    private static bool IsSame(Entries x, Entries y) =>
        x.Count == y.Count && x.Zip(y).All(static pair =>
            pair.First.Key.AsSpan().SequenceEqual(pair.Second.Key)
            && pair.First.Value.AsSpan().SequenceEqual(pair.Second.Value));

    private static bool IsBetween(byte[] key, byte[] from, byte[]? to) =>
        key.AsSpan().SequenceCompareTo(from) >= 0 && (to is null || key.AsSpan().SequenceCompareTo(to) < 0);

    // Of different lengths, so that some begin like others.
    private static byte[] Key(int number) =>
        number % 7 == 0 ? [(byte)(number >> 8), (byte)number] : [(byte)(number >> 8), (byte)number, 7, (byte)number, 1];

    private static void Require(bool condition, string problem)
    {
        if (!condition)
        {
            throw new PropertyFailedException(problem);
        }
    }
}
