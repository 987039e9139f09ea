using Engine.Cli.Inspection;
using Engine.Cli.Making;
using Engine.Cli.Reading;
using Engine.Cli.Shared;
using Engine.Integrity;

namespace Engine.Cli.Salvage;

/// <summary>
/// Copies what can still be read of a damaged file into a new one. Everything that a reader of the newest state could reach comes first. What is missing there is looked for in
/// the state before it, whose pages may still lie in the file, and on request among the leaves to which nothing refers any more; both
/// are counted apart, because they may be out of date. The damaged file is only read.
/// </summary>
internal sealed class SalvageRun
{
    private readonly InspectedFile _file;
    private readonly TreeFiller _filler;
    private readonly Geometry _geometry;
    private readonly List<SalvageSource> _sources = [];
    private readonly List<SalvagedTree> _trees = [];
    private readonly SalvageStart _start;
    private readonly CancellationToken _cancellation;
    private ProgressUpdate _progress = (_, _) => { };
    private long _entries;
    private long _pages;

    private SalvageRun(InspectedFile file, TreeFiller filler, Geometry geometry, SalvageStart start, CancellationToken cancellation)
    {
        _file = file;
        _filler = filler;
        _geometry = geometry;
        _start = start;
        _cancellation = cancellation;
        foreach (MetaSlot meta in start.Metas)
            _sources.Add(new SalvageSource(file, geometry, meta, PageRead, cancellation));
    }

    private SalvageSource Newest => _sources[0];

    /// <summary>Salvages a file into a new one, which is checked as every new file.</summary>
    /// <param name="context">The command's.</param>
    /// <param name="file">The damaged file.</param>
    /// <param name="path">The new file; must not exist.</param>
    /// <param name="newest">Begin with the newest meta, even if recovery would not take it.</param>
    /// <param name="orphans">Look for leaves to which nothing refers any more as well.</param>
    /// <exception cref="DatabaseCorruptException">There is nothing to begin with: no meta.</exception>
    public static SalvageResult Salvage(CommandContext context, InspectedFile file, string path, bool newest, bool orphans)
    {
        using NewDatabase made = NewDatabase.At(path);
        SalvageStart start = SalvageMetas.Choose(file, newest);
        SalvageResult result = made.Fill(() =>
        {
            using TreeFiller filler = TreeFiller.Create(made.PartialPath, start.PageSize);
            var geometry = new Geometry(start.PageSize, (ulong)file.Length / (ulong)start.PageSize);
            var run = new SalvageRun(file, filler, geometry, start, context.Cancellation);
            SalvageResult found = context.Progress.Run($"salvaging {Path.GetFileName(file.Path)}", (long)geometry.PageCount, progress => run.Run(orphans, progress));
            filler.Finish();
            return found;
        });
        made.Finish(context);
        return result;
    }

    private SalvageResult Run(bool orphans, ProgressUpdate progress)
    {
        _progress = progress;
        foreach ((SalvageSource source, NamedRecord tree) in FindTrees())
            Copy(source, tree);
        OrphanResult? found = orphans ? new OrphanSearch(_file, _geometry, Newest, _trees, _filler, _cancellation).Run() : null;
        return new SalvageResult(Newest.Meta.Id, _start.NewerTransaction, _start.IsUnconfirmed, _trees, Newest.CatalogLosses, found);
    }

    /// <summary>The trees of the newest state; and those of older ones whose place in the newest catalog cannot be read.</summary>
    private List<(SalvageSource Source, NamedRecord Tree)> FindTrees()
    {
        List<(SalvageSource Source, NamedRecord Tree)> trees = [.. Newest.Trees.Values.OrderBy(tree => tree.Name, StringComparer.Ordinal).Select(tree => (Newest, tree))];
        if (Newest.CatalogLosses.IsEmpty)
            return trees;
        var names = trees.Select(found => found.Tree.Name).ToHashSet(StringComparer.Ordinal);
        var ids = trees.Select(found => found.Tree.Record.Id).ToHashSet();
        foreach (SalvageSource source in _sources.Skip(1))
        {
            foreach (NamedRecord tree in source.Trees.Values)
            {
                byte[] name = System.Text.Encoding.UTF8.GetBytes(tree.Name);
                bool isLost = Newest.CatalogLosses.Ranges.Any(range => range.Keys.Contains(name));
                if (isLost && ids.Add(tree.Record.Id) && names.Add(tree.Name))
                    trees.Add((source, tree));
            }
        }

        return trees;
    }

    private void Copy(SalvageSource source, NamedRecord tree)
    {
        var salvaged = new SalvagedTree
        {
            Name = tree.Name,
            Recorded = tree.Record.Entries,
            OlderTransaction = source == Newest ? null : source.Meta.Id,
        };
        _trees.Add(salvaged);
        _filler.Enter(tree.Name);
        source.Walk(tree, KeyRange.All, new EntryTaker(this, salvaged.Losses, () => salvaged.Reached++));
        foreach (SalvageSource older in _sources.SkipWhile(other => other != source).Skip(1))
            TakeOlder(older, tree, salvaged);
    }

    /// <summary>Looks for what is lost in an older state of the same tree; a tree of that name with another id was another tree.</summary>
    private void TakeOlder(SalvageSource older, NamedRecord tree, SalvagedTree salvaged)
    {
        if (salvaged.Losses.IsEmpty || !older.Trees.TryGetValue(tree.Name, out NamedRecord? before) || before.Record.Id != tree.Record.Id)
            return;
        foreach (LostRange range in salvaged.Losses.Ranges)
            older.Walk(before, range.Keys, new EntryTaker(this, new LossList(), () => salvaged.FromOlderState++));
    }

    private void PageRead()
    {
        _pages++;
        _progress(_entries, Math.Min(_pages, (long)_geometry.PageCount));
    }

    /// <summary>Puts entries that are not there yet: an earlier source knows better.</summary>
    private sealed class EntryTaker(SalvageRun run, LossList losses, Action taken) : IEntryVisitor
    {
        public void Entry(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            if (key.Length > run._filler.MaxKeyLength)
            {
                losses.AddEntry(0, $"has a key of {key.Length} bytes, which no engine writes", key);
            }
            else if (run._filler.TryAdd(key, value))
            {
                run._entries++;
                taken();
            }
        }

        public void LostPage(ulong page, string problem, scoped in NodeBounds bounds) => losses.AddPage(page, problem, bounds);

        public void LostValue(ulong page, string problem, ReadOnlySpan<byte> key) => losses.AddEntry(page, problem, key);
    }
}
