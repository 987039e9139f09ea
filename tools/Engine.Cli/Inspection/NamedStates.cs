using Engine.Cli.Reading;
using Engine.Cli.Shared;
using Engine.Integrity;

namespace Engine.Cli.Inspection;

/// <summary>The names of the snapshots of a state, by the ids of theirs. What cannot be read is left out.</summary>
internal sealed class NamedStates : IEntryVisitor
{
    private readonly Dictionary<ulong, List<string>> _names = [];
    private TreeRecord? _tree;
    private bool _isInTree;

    private NamedStates()
    {
    }

    /// <summary>Reads the tree of names, if the meta says that it means something.</summary>
    public static NamedStates Read(InspectedFile file, CancellationToken cancellation)
    {
        var states = new NamedStates();
        if (file.Meta is not { HasNames: true } meta)
            return states;
        var walk =
            new EntryWalk(file.Reader, file.Geometry, new PageSet(file.Geometry.PageCount), null, cancellation);
        walk.Walk(meta.Catalog, KeyRangeSet.All, states);
        if (states._tree is { } tree)
        {
            states._isInTree = true;
            walk.Walk(tree, KeyRangeSet.All, states);
        }

        return states;
    }

    /// <summary>The states that have names, ascending.</summary>
    public IEnumerable<ulong> States => _names.Keys.Order();

    /// <summary>The state of a name that is escaped for people; null if there is none.</summary>
    public ulong? Find(string name)
    {
        foreach ((ulong id, List<string> names) in _names)
        {
            if (names.Contains(name))
                return id;
        }

        return null;
    }

    /// <summary>The names of a state, escaped for people.</summary>
    public IReadOnlyList<string> Of(ulong transaction) => _names.GetValueOrDefault(transaction) ?? [];

    void IEntryVisitor.Entry(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (!_isInTree)
        {
            if (key.SequenceEqual(FileFormat.SnapshotTree) && value.Length >= FileFormat.TreeRecordLength)
                _tree = new TreeRecord(value);
            return;
        }

        if (value.Length != FileFormat.SnapshotEntryLength)
            return;
        ulong id = FileFormat.U64(value, 0);
        if (!_names.TryGetValue(id, out List<string>? names))
            _names.Add(id, names = []);
        names.Add(ReadableText.Format(key));
    }

    void IEntryVisitor.LostPage(ulong page, string problem, scoped in NodeBounds bounds)
    {
        // What holds pages is in the space log; only a name is missing.
    }

    void IEntryVisitor.LostValue(ulong page, string problem, ReadOnlySpan<byte> key)
    {
        // The same.
    }
}
