namespace Engine.PropertyTests.Model;

/// <summary>The operations that change multi-valued trees, on the engine and on the model.</summary>
internal sealed partial class ProgramRunner
{
    private const int PairKeys = 24;

    private void ChangePairs(Operation operation, string name)
    {
        var tree = Database.GetMultiTree(name);
        var key = PairModel.Key(_keys.Key(operation.B % PairKeys));
        switch (operation.Kind)
        {
            case OperationKind.Fill:
                for (var i = 0; i <= operation.C % 64; i++)
                {
                    // The values of one key, then those of another.
                    AddPair(
                        tree, name, PairModel.Key(_keys.Key((operation.B + (i / 16)) % PairKeys)), operation.D + i);
                }

                break;
            case OperationKind.Delete:
                DeletePair(tree, name, key, operation.B / PairKeys);
                break;
            case OperationKind.Range:
                DeletePairs(tree, name, key, PairModel.Key(_keys.Key(operation.C % PairKeys)));
                break;
            case OperationKind.Sweep:
                SweepPairs(tree, name, key, operation.C % 64);
                break;
            default:
                AddPair(tree, name, key, operation.C);
                break;
        }
    }

    private void AddPair(MultiTree tree, string name, byte[] key, int number)
    {
        var value = PairModel.Value(_keys.Key(number));
        var entry = PairModel.Entry(key, value);
        Same(!_working![name].ContainsKey(entry), _transaction![tree].Add(key, value), "Add of a pair");
        _working = _working.Put(name, entry, PairModel.Besides(key));
    }

    // One value, which is mostly there, or all of them.
    private void DeletePair(MultiTree tree, string name, byte[] key, int number)
    {
        var prefix = PairModel.Entry(key, []);
        var entries = _working![name].Keys.Where(k => k.AsSpan().StartsWith(prefix)).ToList();
        Same(entries.Count, _transaction![tree].CountValues(key), "CountValues of the writer");
        if (number % 4 == 0)
        {
            Same(entries.Count, _transaction![tree].DeleteKey(key), "DeleteKey");
            _working = _working.DeleteMany(name, entries);
            return;
        }

        var isThere = entries.Count > 0;
        var value = isThere ? entries[number % entries.Count][prefix.Length..] : [1];
        Same(isThere, _transaction[tree].Contains(key, value), "Contains of the writer");
        Same(isThere, _transaction[tree].Delete(key, value), "Delete of a pair");
        _working = _working.Delete(name, PairModel.Entry(key, value));
    }

    private void DeletePairs(MultiTree tree, string name, byte[] from, byte[] to)
    {
        if (ByteOrder.Instance.Compare(from, to) > 0)
        {
            (from, to) = (to, from);
        }

        _working = _working!.DeleteRange(name, PairModel.Entry(from, []), PairModel.Entry(to, []), out var count);
        Same(count, _transaction![tree].DeleteRange(from, to), "DeleteRange of pairs");
    }

    // Delete at the cursor, one value or all of the key, then go on from there: must neither skip nor repeat.
    private void SweepPairs(MultiTree tree, string name, byte[] from, int count)
    {
        var cursor = _transaction![tree].OpenCursor();
        var bound = PairModel.Entry(from, []);
        var pairs = PairModel.Pairs(_working![name])
            .Where(p => ByteOrder.Instance.Compare(bound, PairModel.Entry(p.Key, p.Value)) <= 0).ToList();
        var found = cursor.Seek(from);
        while (count-- > 0 && pairs.Count > 0)
        {
            var (key, value) = pairs[0];
            Same(true, found, $"the cursor before {Convert.ToHexString(key)}");
            Same(Convert.ToHexString(key), Convert.ToHexString(cursor.Key), "the cursor's key");
            Same(Convert.ToHexString(value), Convert.ToHexString(cursor.Value), "the cursor's value");
            if (count % 8 == 0)
            {
                var doomed = pairs.Where(p => ByteOrder.Instance.Compare(p.Key, key) == 0).ToList();
                Same(doomed.Count, cursor.DeleteKey(), "DeleteKey at the cursor");
                _working = _working.DeleteMany(name, doomed.Select(p => PairModel.Entry(p.Key, p.Value)));
                pairs.RemoveRange(0, doomed.Count);
                found = cursor.MoveNext();
                continue;
            }

            Same(true, cursor.Delete(), "Delete at the cursor");
            _working = _working.Delete(name, PairModel.Entry(key, value));
            pairs.RemoveAt(0);
            if (count % 3 == 0)
            {
                // What is left of the key is passed over.
                pairs.RemoveAll(p => ByteOrder.Instance.Compare(p.Key, key) == 0);
                found = cursor.MoveToNextKey();
            }
            else
            {
                found = cursor.MoveNext();
            }
        }

        Same(pairs.Count > 0, found, "the cursor behind what was deleted");
    }
}
