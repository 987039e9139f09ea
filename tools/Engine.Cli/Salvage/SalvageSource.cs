using System.Text;
using System.Text.Unicode;
using Engine.Cli.Inspection;
using Engine.Cli.Reading;
using Engine.Cli.Shared;
using Engine.Integrity;

namespace Engine.Cli.Salvage;

/// <summary>One state of a damaged file, as one of its metas names it: the trees that can be found from there.</summary>
internal sealed class SalvageSource
{
    private readonly EntryWalk _walk;
    private Dictionary<string, NamedRecord>? _trees;

    public SalvageSource(InspectedFile file, Geometry geometry, MetaSlot meta, Action pageRead, CancellationToken cancellation)
    {
        Meta = meta;
        Seen = new PageSet(geometry.PageCount);
        _walk = new EntryWalk(file.Reader, geometry, Seen, pageRead, cancellation);
    }

    public MetaSlot Meta { get; }

    /// <summary>Pages that were read from here.</summary>
    public PageSet Seen { get; }

    /// <summary>What is missing in the catalog; complete when <see cref="Trees"/> was asked for.</summary>
    public LossList CatalogLosses { get; } = new();

    /// <summary>The trees by name; the default tree has the empty one.</summary>
    public IReadOnlyDictionary<string, NamedRecord> Trees => _trees ??= ReadCatalog();

    public void Walk(NamedRecord tree, KeyRange range, IEntryVisitor visitor) => _walk.Walk(tree.Record, range, visitor);

    public void ReadLeaf(ReadOnlySpan<byte> page, KeyRange range, IEntryVisitor visitor) => _walk.ReadLeaf(page, range, visitor);

    private Dictionary<string, NamedRecord> ReadCatalog()
    {
        var reader = new CatalogReader(CatalogLosses);
        _walk.Walk(Meta.Catalog, KeyRange.All, reader);
        reader.Trees[""] = new NamedRecord("", Meta.DefaultTree);
        return reader.Trees;
    }

    private sealed class CatalogReader(LossList losses) : IEntryVisitor
    {
        public Dictionary<string, NamedRecord> Trees { get; } = new(StringComparer.Ordinal);

        public void Entry(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            // A name that is none can only come from a forged file; its entries are worth keeping all the same.
            string name = Utf8.IsValid(key) && !key.IsEmpty ? Encoding.UTF8.GetString(key) : ReadableText.Format(key);
            if (value.Length != FileFormat.TreeRecordLength || !Trees.TryAdd(name, new NamedRecord(name, new TreeRecord(value))))
                losses.AddEntry(0, "is no tree record", key);
        }

        public void LostPage(ulong page, string problem, scoped in NodeBounds bounds) => losses.AddPage(page, problem, bounds);

        public void LostValue(ulong page, string problem, ReadOnlySpan<byte> key) => losses.AddEntry(page, problem, key);
    }
}
