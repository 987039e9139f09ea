using System.Text;
using Entries = System.Collections.Immutable.ImmutableSortedDictionary<byte[], byte[]>;

namespace Engine.PropertyTests.Model;

/// <summary>The operations that change trees, on the engine and on the model.</summary>
internal sealed partial class ProgramRunner
{
    private const int LookEvery = 4;

    private void Create(string name, TreeOptions options)
    {
        if (_working!.HasTree(name) && _working.OptionsOf(name) != options)
        {
            try
            {
                _transaction!.CreateTree(name, options);
            }
            catch (TreeOptionsException)
            {
                return;
            }

            throw new PropertyFailedException($"a tree '{name}' with other options was given out");
        }

        _transaction!.CreateTree(name, options);
        _working = _working.Create(name, options);
    }

    private void Change(Operation operation)
    {
        var name = KeySpace.TreeName(operation.A);
        var tree = TreeOf(name);
        if (operation.Kind == OperationKind.Create)
        {
            if (name.Length > 0)
            {
                Create(name, KeySpace.TreeOptions(operation.A));
            }

            return;
        }

        if (!_working!.HasTree(name))
        {
            ChangeMissingTree(operation, tree);
            return;
        }

        var kind = _working.KindOf(name);
        switch (operation.Kind)
        {
            case OperationKind.Put or OperationKind.Add or OperationKind.Fill or OperationKind.Delete
                or OperationKind.Range or OperationKind.Sweep when kind.IsMultiValued:
                ChangePairs(operation, name);
                break;
            case OperationKind.Put or OperationKind.Add or OperationKind.Fill or OperationKind.Delete
                or OperationKind.Range or OperationKind.Sweep when kind.IsExpiring:
                ChangeExpiring(operation, name);
                break;
            case OperationKind.Put:
                Put(tree, name, _keys.Key(operation.B), _keys.Value(operation.C));
                break;
            case OperationKind.Add:
                Add(tree, name, _keys.Key(operation.B), _keys.Value(operation.C));
                break;
            case OperationKind.Fill:
                for (var i = 0; i <= operation.C % 64; i++)
                {
                    Put(tree, name, _keys.Key(operation.B + i), _keys.Value(operation.D + i));
                }

                break;
            case OperationKind.Delete:
                Delete(tree, name, _keys.Key(operation.B));
                break;
            case OperationKind.Range:
                DeleteRange(tree, name, _keys.Key(operation.B), _keys.Key(operation.C));
                break;
            case OperationKind.Sweep:
                Sweep(tree, name, _keys.Key(operation.B), operation.C % 64);
                break;
            case OperationKind.Drop:
                Drop(tree, name);
                break;
            case OperationKind.Rename:
                Rename(tree, name, KeySpace.TreeName(operation.B));
                break;
            case OperationKind.Load or OperationKind.Prefix or OperationKind.Set:
                ChangeOtherwise(operation, name);
                break;
            case OperationKind.Truncate:
                Same(_working[name].Count, _transaction![tree].Clear(), "Clear");
                _working = _working.Truncate(name);
                break;
        }

        // Most of the time: what is changed after a look at the ranks is another case than what nobody has looked at.
        if (_step % LookEvery != 0 && _working.OptionsOf(name).HasFlag(TreeOptions.Counted))
        {
            CheckRanks(_transaction![tree], _working[name]);
        }
    }

    private static void CheckRanks(TreeWriter tree, Entries expected)
    {
        var rank = 0;
        foreach (var key in expected.Keys)
        {
            if (rank % 3 == 0)
            {
                Same(rank, tree.Rank(key), "Rank after a change");
            }

            rank++;
        }

        if (rank > 0)
        {
            var last = Convert.ToHexString(tree.ElementAt(rank - 1).Key);
            Same(Convert.ToHexString(expected.Keys.Last()), last, "ElementAt of the last entry");
        }
    }

    private void ChangeMissingTree(Operation operation, Tree tree)
    {
        if (operation.Kind == OperationKind.Drop)
        {
            Same(false, _transaction!.TryDropTree(tree), "TryDropTree of a missing tree");
        }

        try
        {
            switch (operation.Kind)
            {
                case OperationKind.Delete:
                    _transaction![tree].Delete(_keys.Key(operation.B));
                    break;
                case OperationKind.Range:
                    _transaction![tree].DeleteRange(_keys.Key(operation.B), _keys.Key(operation.C));
                    break;
                case OperationKind.Drop:
                    _transaction!.DropTree(tree);
                    break;
                case OperationKind.Rename:
                    _transaction!.RenameTree(tree, "elsewhere");
                    break;
                case OperationKind.Truncate:
                    _transaction![tree].Clear();
                    break;
                case OperationKind.Load:
                    _transaction![tree].BeginLoad();
                    break;
                case OperationKind.Prefix:
                    _transaction![tree].DeletePrefix([]);
                    break;
                case OperationKind.Sweep or OperationKind.Set:
                    _transaction![tree].OpenCursor().Seek(_keys.Key(operation.B));
                    break;
                default:
                    _transaction![tree].Put(_keys.Key(operation.B), []);
                    break;
            }
        }
        catch (TreeNotFoundException)
        {
            return;
        }

        throw new PropertyFailedException($"{operation.Kind} of a missing tree is no error");
    }

    private void Put(Tree tree, string name, byte[] key, byte[] value)
    {
        _transaction![tree].Put(key, value);
        _working = _working!.Put(name, key, value);
    }

    private void Add(Tree tree, string name, byte[] key, byte[] value)
    {
        var isNew = !_working![name].ContainsKey(key);
        Same(isNew, _transaction![tree].TryAdd(key, value), "TryAdd");
        if (isNew)
        {
            _working = _working.Put(name, key, value);
        }
    }

    private void Delete(Tree tree, string name, byte[] key)
    {
        Same(_working![name].ContainsKey(key), _transaction![tree].Delete(key), "Delete");
        _working = _working.Delete(name, key);
    }

    private void DeleteRange(Tree tree, string name, byte[] from, byte[] to)
    {
        if (ByteOrder.Instance.Compare(from, to) > 0)
        {
            (from, to) = (to, from);
        }

        _working = _working!.DeleteRange(name, from, to, out var count);
        Same(count, _transaction![tree].DeleteRange(from, to), "DeleteRange");
    }

    // Delete at the cursor, then go on from there: must neither skip nor repeat.
    private void Sweep(Tree tree, string name, byte[] from, int count)
    {
        var cursor = _transaction![tree].OpenCursor();
        var doomed = _working![name].Keys.Where(k => ByteOrder.Instance.Compare(from, k) <= 0).Take(count).ToList();
        var found = cursor.Seek(from);
        foreach (var key in doomed)
        {
            Same(true, found, $"the cursor before {Convert.ToHexString(key)}");
            Same(Convert.ToHexString(key), Convert.ToHexString(cursor.Key), "the cursor's key");
            Same(true, cursor.Delete(), "Delete at the cursor");
            _working = _working.Delete(name, key);
            found = cursor.MoveNext();
        }
    }

    private void Drop(Tree tree, string name)
    {
        if (name.Length > 0)
        {
            _transaction!.DropTree(tree);
            _working = _working!.Drop(name);
        }
    }

    private void Rename(Tree tree, string name, string newName)
    {
        if (name.Length == 0 || newName.Length == 0 || name == newName)
        {
            return;
        }

        try
        {
            _transaction!.RenameTree(tree, newName);
        }
        catch (TreeExistsException) when (_working!.HasTree(newName))
        {
            return;
        }

        Same(false, _working!.HasTree(newName), "renaming to a name that is taken");
        _working = _working.Rename(name, newName);
    }

    private static void Same<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new PropertyFailedException($"{what}: expected {expected}, got {actual}");
        }
    }
}
