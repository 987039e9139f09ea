using System.Buffers;

namespace Engine.Extensions.Nats.Following;

/// <summary>
/// The difference of two states, or the whole of one, as bytes: some at a time, so that a large one takes no more
/// memory than a small one, but for its largest value.
/// </summary>
internal sealed class StateEncoder
{
    private readonly Snapshot? _older;
    private readonly Snapshot _newer;
    private readonly Database _database;
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<(string Name, ChangedTree? Change)> _trees = [];
    private int _sent;
    private int _tree;
    private byte[]? _last;

    /// <param name="database">The database.</param>
    /// <param name="older">The state that those have who get the bytes; null if they are to begin with nothing.</param>
    /// <param name="newer">The state that they are to have.</param>
    public StateEncoder(Database database, Snapshot? older, Snapshot newer)
    {
        _database = database;
        _older = older;
        _newer = newer;
        if (older is null)
        {
            ListAll();
        }
        else
        {
            ListChanged(older);
        }
    }

    public bool IsFull => _older is null;

    /// <summary>The next bytes, no more than so many; they live until the next call.</summary>
    /// <param name="limit">How many.</param>
    /// <param name="isLast">Whether no more follow.</param>
    public ReadOnlySpan<byte> Next(int limit, out bool isLast)
    {
        if (_bytes.WrittenCount - _sent < limit)
        {
            Compact();
            while (_bytes.WrittenCount < limit && _tree < _trees.Count)
            {
                WriteSome(limit);
            }
        }

        var length = Math.Min(limit, _bytes.WrittenCount - _sent);
        var next = _bytes.WrittenSpan.Slice(_sent, length);
        _sent += length;
        isLast = _tree == _trees.Count && _sent == _bytes.WrittenCount;
        return next;
    }

    private void Compact()
    {
        if (_sent > 0)
        {
            var rest = _bytes.WrittenSpan[_sent..].ToArray();
            _bytes.ResetWrittenCount();
            _bytes.Write(rest);
            _sent = 0;
        }
    }

    private void ListChanged(Snapshot older)
    {
        var trees = FeedTrees.ChangedTrees(older, _newer);
        var moves = trees
            .Where(static tree => tree.Name.Length > 0)
            .Select(static tree => new TreeMove(tree.Older?.Name, tree.Newer?.Name, tree.Definition))
            .ToList();
        if (moves.Count > 0)
        {
            StateRecord.WriteMoves(_bytes, moves);
        }

        _trees.AddRange(trees
            .Where(static tree => tree.Newer is not null && tree.HasOtherEntries)
            .Select(static tree => (tree.Name, (ChangedTree?)tree)));
    }

    private void ListAll()
    {
        using var read = _newer.BeginRead();
        var moves = new List<TreeMove>();
        _trees.Add((string.Empty, null));
        foreach (var name in read.GetTreeNames().Where(static name => !FeedTrees.IsOwn(name)))
        {
            moves.Add(new TreeMove(null, name, read.GetDefinition(_database.GetTree(name))));
            _trees.Add((name, null));
        }

        StateRecord.WriteMoves(_bytes, moves);
    }

    private void WriteSome(int limit)
    {
        var (name, change) = _trees[_tree];
        if (_last is null)
        {
            StateRecord.WriteTree(_bytes, name);
        }

        var isWhole = change is null ? WriteEntries(name, limit) : WriteChanges(change, limit);
        if (isWhole)
        {
            _tree++;
            _last = null;
        }
    }

    private bool WriteEntries(string name, int limit)
    {
        using var read = _newer.BeginRead();
        var tree = name.Length == 0 ? read.Main : read[_database.GetTree(name)];
        var entries = _last is null ? tree.All() : tree.All().After(_last);
        foreach (var (key, value) in entries)
        {
            StateRecord.WritePut(_bytes, key, value);
            if (_bytes.WrittenCount >= limit)
            {
                _last = key.ToArray();
                return false;
            }
        }

        return true;
    }

    private bool WriteChanges(ChangedTree change, int limit)
    {
        using var olderRead = _older!.BeginRead();
        using var newerRead = _newer.BeginRead();
        var changes = newerRead.ChangesSince(olderRead, change);
        foreach (var entry in _last is null ? changes : changes.After(_last))
        {
            if (entry.Kind == ChangeKind.Removed)
            {
                StateRecord.WriteDelete(_bytes, entry.Key);
            }
            else
            {
                StateRecord.WritePut(_bytes, entry.Key, entry.NewValue);
            }

            if (_bytes.WrittenCount >= limit)
            {
                _last = entry.Key.ToArray();
                return false;
            }
        }

        return true;
    }
}
