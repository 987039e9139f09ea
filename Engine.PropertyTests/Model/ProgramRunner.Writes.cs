namespace Engine.PropertyTests.Model;

/// <summary>
/// The less usual ways to write: loads, cursors that put, values that a callback fills, other ranges.
/// </summary>
internal sealed partial class ProgramRunner
{
    // So that loads go to the file early now and then.
    private const int LoadWindow = 600;

    private void ChangeOtherwise(Operation operation, string name)
    {
        var kind = _working!.KindOf(name);
        if (kind.IsExpiring)
        {
            RequireOtherTree(name, [1]);
            return;
        }

        switch (operation.Kind)
        {
            case OperationKind.Load when kind.IsMultiValued:
                LoadPairs(operation, name);
                break;
            case OperationKind.Load:
                Load(operation, name);
                break;
            case OperationKind.Prefix when kind.IsMultiValued:
                DeletePairsOtherwise(operation, name);
                break;
            case OperationKind.Prefix:
                DeleteOtherwise(operation, name);
                break;
            case OperationKind.Set when kind.IsMultiValued:
                AddByCursor(operation, name);
                break;
            default:
                PutByCursor(operation, name);
                break;
        }
    }

    private void Load(Operation operation, string name)
    {
        var entries = Enumerable.Range(0, 1 + (operation.C % 64))
            .Select(i => KeyValuePair.Create(_keys.Key(operation.B + i), _keys.Value(operation.D + i)));
        if (operation.D % 2 != 0)
        {
            entries = entries.OrderBy(static entry => entry.Key, ByteOrder.Instance);
        }

        var list = entries.ToList();
        Same(list.Count, _transaction![TreeOf(name)].Load(list, LoadOptions(operation)), "Load");
        foreach (var (key, value) in list)
        {
            _working = _working!.Put(name, key, value);
        }
    }

    private void LoadPairs(Operation operation, string name)
    {
        using var loader = _transaction![Database.GetMultiTree(name)].BeginLoad(LoadOptions(operation));
        var working = _working!;
        for (var i = 0; i <= operation.C % 64; i++)
        {
            var key = PairModel.Key(_keys.Key((operation.B + (i / 16)) % PairKeys));
            var value = PairModel.Value(_keys.Key(operation.D + i));
            loader.Add(key, value);
            working = working.Put(name, PairModel.Entry(key, value), PairModel.Besides(key));
        }

        loader.Complete();
        _working = working;
    }

    // Who writes early waits for a flush, and this thread may be the one that flushes.
    private BulkLoadOptions LoadOptions(Operation operation) => operation.D % 4 < 2 || _isWithinFlush
        ? new BulkLoadOptions()
        : new BulkLoadOptions { Window = LoadWindow };

    // The first bytes of a key, or everything behind it.
    private void DeleteOtherwise(Operation operation, string name)
    {
        var key = _keys.Key(operation.B);
        if (operation.D % 2 != 0)
        {
            DeleteWhere(name, other => ByteOrder.Instance.Compare(key, other) <= 0, tree => tree.DeleteFrom(key));
            return;
        }

        var prefix = key[..Math.Min(key.Length, operation.C % 8)];
        DeleteWhere(name, other => other.AsSpan().StartsWith(prefix), tree => tree.DeletePrefix(prefix));
    }

    private void DeleteWhere(string name, Func<byte[], bool> isMeant, Func<TreeWriter, long> delete)
    {
        var meant = _working![name].Keys.Where(isMeant).ToList();
        Same(meant.Count, delete(_transaction![TreeOf(name)]), "entries that are deleted");
        _working = _working.DeleteMany(name, meant);
    }

    // The keys that begin like one, or some values of it.
    private void DeletePairsOtherwise(Operation operation, string name)
    {
        var tree = Database.GetMultiTree(name);
        var key = PairModel.Key(_keys.Key(operation.B % PairKeys));
        var prefix = key[..Math.Min(key.Length, operation.C % 4)];
        byte[] from = PairModel.Value(_keys.Key(operation.C)), to = PairModel.Value(_keys.Key(operation.C / 3));
        var meant = PairModel.Pairs(_working![name])
            .Where(pair => operation.D % 2 == 0
                ? pair.Key.AsSpan().StartsWith(prefix)
                : pair.Key.AsSpan().SequenceEqual(key)
                    && ByteOrder.Instance.Compare(from, pair.Value) <= 0
                    && ByteOrder.Instance.Compare(pair.Value, to) < 0)
            .ToList();
        Same(
            meant.Count,
            operation.D % 2 == 0
                ? _transaction![tree].DeletePrefix(prefix)
                : _transaction![tree].DeleteValues(key, from, to),
            "pairs that are deleted");
        _working = _working.DeleteMany(name, meant.Select(static pair => PairModel.Entry(pair.Key, pair.Value)));
    }

    // Values are replaced where the cursor stands, and before it comes to the others entries are put in front of them.
    private void PutByCursor(Operation operation, string name)
    {
        var tree = _transaction![TreeOf(name)];
        var cursor = tree.OpenCursor();
        var from = _keys.Key(operation.B);
        var found = cursor.Seek(from);
        foreach (var (key, i) in _working![name].Keys
            .Where(key => ByteOrder.Instance.Compare(from, key) <= 0).Take(operation.C % 16)
            .Select(static (key, i) => (key, i)).ToList())
        {
            Same(true, found, $"the cursor before {Convert.ToHexString(key)}");
            Same(Convert.ToHexString(key), Convert.ToHexString(cursor.Key), "the cursor's key");
            var value = _keys.Value(operation.D + i);
            if (i % 2 == 0)
            {
                cursor.SetValue(value);
            }
            else
            {
                tree.Put(key, value.Length, value, static (destination, value) => value.CopyTo(destination));
            }

            _working = _working!.Put(name, key, value);
            Same(Convert.ToHexString(value), Convert.ToHexString(cursor.GetValue()), "the value under the cursor");
            found = cursor.MoveNext();
        }

        var last = _keys.Value(operation.D);
        cursor.Put(from, last);
        _working = _working!.Put(name, from, last);
        Same(Convert.ToHexString(from), Convert.ToHexString(cursor.Key), "the key that the cursor has put");
        var before = _working[name].Keys.LastOrDefault(key => ByteOrder.Instance.Compare(key, from) < 0);
        Same(before is not null, cursor.MovePrevious(), "MovePrevious");
    }

    private void AddByCursor(Operation operation, string name)
    {
        var key = PairModel.Key(_keys.Key(operation.B % PairKeys));
        var cursor = _transaction![Database.GetMultiTree(name)].OpenCursor();
        for (var i = 0; i <= operation.C % 16; i++)
        {
            var value = PairModel.Value(_keys.Key(operation.D + i));
            var entry = PairModel.Entry(key, value);
            Same(!_working![name].ContainsKey(entry), cursor.Add(key, value), "Add by a cursor");
            _working = _working.Put(name, entry, PairModel.Besides(key));
            Same(Convert.ToHexString(value), Convert.ToHexString(cursor.Value), "the value that the cursor has added");
        }
    }

    private Tree TreeOf(string name) => name.Length == 0 ? Database.Main : Database.GetTree(name);
}
