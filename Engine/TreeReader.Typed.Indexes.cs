using Engine.Transactions;

namespace Engine;

/// <content>Comparing a tree with its indexes.</content>
public readonly ref partial struct TreeReader<TKey, TValue>
{
    /// <summary>
    /// Compares the tree with all indexes that its handle declares, by their selectors: each entry has to be in them,
    /// and they may have no others. Costs a walk over the tree and over each index, and a lookup for each entry of
    /// them. (Within a write transaction: in the callback of <see cref="WriteTransaction.Read{TState, TResult}"/>.)
    /// </summary>
    /// <param name="limit">At most so many findings are told.</param>
    /// <returns>
    /// What is wrong; nothing if all is well. <see cref="WriteTransaction.RebuildIndexes"/> mends what is.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    public IReadOnlyList<IndexFinding> VerifyIndexes(int limit = 1000)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        var findings = new List<IndexFinding>();
        _ = _reader.TryGetOther(Tree.Untyped, out _, out var attributes);
        var stored = IndexList.Read(_tree.Name, attributes);
        foreach (var index in stored)
        {
            if (!_tree.IndexDefinitions.Contains(index))
            {
                Tell(findings, limit, new IndexFinding(index.Name, IndexProblem.NotDeclared));
            }
        }

        foreach (var index in _tree.DeclaredIndexes)
        {
            if (stored.Contains(index.Definition)
                && _reader.TryGetOther(index.Untyped, out var entries, out var own)
                && index.HasCodecs(own))
            {
                FindMissing(index, entries, findings, limit);
                FindStale(index, entries, findings, limit);
            }
            else
            {
                Tell(findings, limit, new IndexFinding(index.Name, IndexProblem.NotBuilt));
            }
        }

        return findings;
    }

    private static void Tell(List<IndexFinding> findings, int limit, IndexFinding finding)
    {
        if (findings.Count < limit)
        {
            findings.Add(finding);
        }
    }

    private void FindMissing(
        TreeIndex<TKey, TValue> index, TreeReader entries, List<IndexFinding> findings, int limit)
    {
        var changes = IndexChanges.Take();
        try
        {
            foreach (var (key, value) in _reader.All())
            {
                var entry = Select(index, key, value, changes);
                if (changes.HasNew(0) && !entries.ContainsKey(entry))
                {
                    Tell(findings, limit, new IndexFinding(index.Name, IndexProblem.Missing, entry.ToArray()));
                }
            }
        }
        finally
        {
            changes.Return();
        }
    }

    private void FindStale(
        TreeIndex<TKey, TValue> index, TreeReader entries, List<IndexFinding> findings, int limit)
    {
        var changes = IndexChanges.Take();
        try
        {
            scoped ReadOnlySpan<byte> last = default;
            foreach (var entry in entries.All())
            {
                if (!IsRight(index, entry, changes))
                {
                    Tell(findings, limit, new IndexFinding(index.Name, IndexProblem.Stale, entry.Key.ToArray()));
                    continue;
                }

                var indexKey = entry.Key[..index.GetIndexKeyLength(entry.Key)];
                if (index.IsUnique && !last.IsEmpty && indexKey.SequenceEqual(last))
                {
                    Tell(findings, limit, new IndexFinding(index.Name, IndexProblem.Duplicate, entry.Key.ToArray()));
                }

                last = indexKey;
            }
        }
        finally
        {
            changes.Return();
        }
    }

    /// <summary>Whether an entry of an index is that of an entry of the tree.</summary>
    private bool IsRight(TreeIndex<TKey, TValue> index, Entry entry, IndexChanges changes)
    {
        Span<byte> scratch = stackalloc byte[Scratch.Length];
        scoped ReadOnlySpan<byte> key;
        try
        {
            key = index.GetKey(entry.Key, scratch);
        }
        catch (InvalidEncodingException)
        {
            return false;
        }

        return entry.Value.IsEmpty
            && _reader.TryGet(key, out var value)
            && Select(index, key, value, changes).SequenceEqual(entry.Key)
            && changes.HasNew(0);
    }

    /// <summary>What an entry should have in an index; empty if it is to have nothing there.</summary>
    private ReadOnlySpan<byte> Select(
        TreeIndex<TKey, TValue> index,
        scoped ReadOnlySpan<byte> keyBytes,
        scoped ReadOnlySpan<byte> value,
        IndexChanges changes)
    {
        Span<byte> scratch = stackalloc byte[Scratch.Length];
        var codec = _tree.KeyCodec;
        var keyPart = codec.IsPrefixFree ? keyBytes : PartBytes.Encode(keyBytes, scratch);
        changes.Clear();
        changes.Add(index.Untyped.Id, _tree.Name, index.IsUnique);
        index.SetEntry(0, codec.Decode(keyBytes), keyPart, _tree.ValueCodec.Decode(value), isNew: true, changes);
        return changes.New(0);
    }
}
