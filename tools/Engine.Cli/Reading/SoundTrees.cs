using System.Text;
using Engine.Cli.Inspection;
using Engine.Integrity;

namespace Engine.Cli.Reading;

/// <summary>
/// Reads all trees of a file that must be sound: the first thing that cannot be read ends it with an exception.
/// </summary>
internal sealed class SoundTrees : IEntryVisitor
{
    private readonly InspectedFile _file;
    private readonly EntryWalk _walk;
    private readonly List<NamedRecord> _trees = [];

    private SoundTrees(InspectedFile file, CancellationToken cancellation)
    {
        _file = file;
        _walk = new EntryWalk(file.Reader, file.Geometry, new PageSet(file.Geometry.PageCount), null, cancellation);
    }

    /// <summary>The default tree, then the named ones in the order of their names.</summary>
    public IReadOnlyList<NamedRecord> Trees => _trees;

    /// <summary>The attributes of the database itself.</summary>
    public byte[] DatabaseAttributes { get; private set; } = [];

    /// <exception cref="DatabaseCorruptException">The catalog is damaged.</exception>
    public static SoundTrees Of(InspectedFile file, CancellationToken cancellation)
    {
        MetaSlot meta = file.RequireMeta();
        var trees = new SoundTrees(file, cancellation);
        trees._trees.Add(new NamedRecord("", meta.DefaultTree));
        trees._walk.Walk(meta.Catalog, KeyRangeSet.All, trees);
        return trees;
    }

    /// <summary>Shows the entries of a tree.</summary>
    /// <exception cref="DatabaseCorruptException">
    /// Something of it cannot be read, or its record does not fit it.
    /// </exception>
    public void Read(NamedRecord tree, Put put)
    {
        var entries = new Entries(this, put);
        _walk.Walk(tree.Record, KeyRangeSet.All, entries);
        if (entries.Count != tree.Record.Entries)
            throw Damaged(
                $"the tree {tree.DisplayName} has {entries.Count} entries where its record says {tree.Record.Entries}");
    }

    void IEntryVisitor.Entry(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        bool isOld = _file.RequireMeta().IsOld;
        if (key.IsEmpty && !isOld)
        {
            DatabaseAttributes = Known(value, "the database");
            return;
        }

        if (isOld ? value.Length != FileFormat.TreeRecordLength : value.Length < FileFormat.TreeRecordLength)
            throw Damaged("the catalog holds something else than tree records");
        string name = Encoding.UTF8.GetString(key);
        _trees.Add(new NamedRecord(name, new TreeRecord(value))
        {
            Attributes = Known(value[FileFormat.TreeRecordLength..], $"the tree '{Shared.TreeNames.Label(key)}'"),
        });
    }

    void IEntryVisitor.LostPage(ulong page, string problem, scoped in NodeBounds bounds) =>
        throw Damaged($"page {page}: {problem}");

    void IEntryVisitor.LostValue(ulong page, string problem, ReadOnlySpan<byte> key) =>
        throw Damaged($"page {page}: {problem}");

    /// <summary>Attributes that are copied as they are, because nothing of them must be known.</summary>
    private byte[] Known(ReadOnlySpan<byte> attributes, string owner)
    {
        if (AttributeListCheck.Find(attributes, out int required) is not null)
            throw Damaged($"the attributes of {owner} are no list");
        return required < 0
            ? attributes.ToArray()
            : throw new DatabaseFormatException(
                $"{owner} of '{_file.Path}' has attribute {required}, which this engine does not know and would have "
                + "to: copy it with a newer engine");
    }

    private DatabaseCorruptException Damaged(string problem) =>
        new($"'{_file.Path}' is damaged ({problem}): engine check FILE --salvage OUT copies what can still be read");

    /// <summary>Takes an entry.</summary>
    internal delegate void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    private sealed class Entries(SoundTrees trees, Put put) : IEntryVisitor
    {
        public ulong Count { get; private set; }

        public void Entry(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            put(key, value);
            Count++;
        }

        public void LostPage(ulong page, string problem, scoped in NodeBounds bounds) =>
            throw trees.Damaged($"page {page}: {problem}");

        public void LostValue(ulong page, string problem, ReadOnlySpan<byte> key) =>
            throw trees.Damaged($"page {page}: {problem}");
    }
}
