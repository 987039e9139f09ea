using Engine.Cli.Reading;
using Engine.Integrity;
using Engine.Transactions;

namespace Engine.Cli.Salvage;

/// <summary>
/// One state of a damaged file, as one of its metas names it: the trees that can be found from there.
/// </summary>
internal sealed class SalvageSource
{
    private readonly Func<EntryWalk> _newWalk;
    private Dictionary<string, NamedRecord>? _trees;

    /// <param name="meta">The meta.</param>
    /// <param name="newWalk">Begins a walk that has seen nothing yet.</param>
    public SalvageSource(MetaSlot meta, Func<EntryWalk> newWalk)
    {
        Meta = meta;
        _newWalk = newWalk;
    }

    public MetaSlot Meta { get; }

    /// <summary>What is missing in the catalog; complete when <see cref="Trees"/> was asked for.</summary>
    public LossList CatalogLosses { get; } = new();

    /// <summary>The trees by name; the default tree has the empty one.</summary>
    public IReadOnlyDictionary<string, NamedRecord> Trees => _trees ??= ReadCatalog();

    private Dictionary<string, NamedRecord> ReadCatalog()
    {
        var reader = new CatalogReader(CatalogLosses, Meta.IsOld);
        _newWalk().Walk(Meta.Catalog, KeyRangeSet.All, reader);
        reader.Trees[""] = new NamedRecord("", Meta.DefaultTree);
        return reader.Trees;
    }

    private sealed class CatalogReader(LossList losses, bool isOld) : IEntryVisitor
    {
        public Dictionary<string, NamedRecord> Trees { get; } = new(StringComparer.Ordinal);

        public void Entry(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            // What the database itself has there is no tree.
            if (key.IsEmpty && !isOld)
                return;
            string name = CatalogNames.Of(key);

            // Snapshots are not salvaged: their names would lead nowhere.
            if (name == SnapshotNames.Tree)
                return;
            if ((isOld ? value.Length != FileFormat.TreeRecordLength : value.Length < FileFormat.TreeRecordLength)
                || !Trees.TryAdd(name, NamedRecord.Readable(name, value)))
                losses.AddEntry(0, "is no tree record", key);
        }

        public void LostPage(ulong page, string problem, scoped in NodeBounds bounds) =>
            losses.AddPage(page, problem, bounds);

        public void LostValue(ulong page, string problem, ReadOnlySpan<byte> key) =>
            losses.AddEntry(page, problem, key);
    }
}
