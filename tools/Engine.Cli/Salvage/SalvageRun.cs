using Engine.Cli.Making;
using Engine.Cli.Reading;
using Engine.Cli.Shared;
using Engine.Integrity;

namespace Engine.Cli.Salvage;

/// <summary>
/// Copies what can still be read of a damaged file into a new one. Everything that a reader of the newest state could
/// reach comes first. If something is missing then, the whole file is searched for leaves that belong to that state and
/// to which nothing leads; they go to their tree, if that can be known, else to the lost and found. What is still
/// missing is taken from the state before, as it was then. The damaged file is only read.
/// </summary>
internal sealed class SalvageRun
{
    private readonly SalvageContext _context;
    private readonly SalvageStart _start;
    private readonly List<SalvageSource> _sources;
    private readonly List<SalvagedTree> _trees = [];
    private readonly HashSet<ulong> _ids = [];

    private SalvageRun(SalvageContext context, SalvageStart start)
    {
        _context = context;
        _start = start;
        _sources = [.. start.Metas.Select(meta => new SalvageSource(meta, () => context.NewWalk(takes: false)))];
    }

    private SalvageSource? Newest => _sources.Count > 0 ? _sources[0] : null;

    /// <summary>Whether there can be trees that nobody knows of.</summary>
    private bool HasUnknownTrees => Newest is null || !Newest.CatalogLosses.IsEmpty;

    /// <summary>Salvages a file into a new one, which is checked as every new file.</summary>
    /// <param name="context">The command's.</param>
    /// <param name="file">The damaged file.</param>
    /// <param name="path">The new file; must not exist.</param>
    /// <param name="newest">Begin with the newest meta, even if recovery would not take it.</param>
    /// <param name="reachedOnly">Do not look for leaves to which nothing leads.</param>
    /// <exception cref="DatabaseCorruptException">There is nothing to begin with.</exception>
    public static SalvageResult Salvage(CommandContext context, SalvageFile file, string path, bool newest,
        bool reachedOnly)
    {
        using NewDatabase made = NewDatabase.At(path);
        SalvageStart start = SalvageMetas.Choose(file, newest, context.Cancellation);
        SalvageResult result = made.Fill(() =>
        {
            using TreeFiller filler =
                TreeFiller.Create(made.PartialPath, start.PageSize, cancellation: context.Cancellation);
            var geometry = new Geometry(start.PageSize, (ulong)file.Length / (ulong)start.PageSize);
            SalvageResult found = context.Progress.Run(
                $"salvaging {Path.GetFileName(file.Path)}",
                (long)geometry.PageCount,
                progress => new SalvageRun(new SalvageContext(file, geometry, filler, made.PartialPath + "-index",
                    progress, context.Cancellation), start).Run(reachedOnly),
                ProgressUnit.Pages);
            filler.Finish();
            return found;
        });
        made.Finish(context);
        return result;
    }

    private SalvageResult Run(bool reachedOnly)
    {
        if (Newest is { } source)
        {
            foreach (NamedRecord tree in source.Trees.Values.OrderBy(tree => tree.Name, StringComparer.Ordinal))
                Reach(tree);
        }
        else
        {
            AddLostDefaultTree();
        }

        OrphanResult? orphans = HasUnknownTrees || _trees.Exists(tree => tree.Losses.HasPages)
            ? SearchFurther(reachedOnly) : null;
        TakeOlder(orphans?.Found);
        _trees.RemoveAll(tree => tree is { IsCertain: false, Recovered: 0 });
        return new SalvageResult(Newest?.Meta.Id, _start.NewerTransaction, _start.IsUnconfirmed, _trees,
            Newest?.CatalogLosses ?? new LossList(), orphans);
    }

    private OrphanResult? SearchFurther(bool reachedOnly)
    {
        if (reachedOnly)
        {
            FindFurther(null);
            return null;
        }

        _context.Survey(_start.Metas);

        // Where the space log does not tell former versions, the leaves are only assigned to trees here, and taken by
        // their age.
        using RowIndex? index = _context.Stale.IsComplete ? null : _context.OpenIndex(_trees.Select(tree => tree.Name));
        FindFurther(index);
        return new OrphanLeaves(_context, _trees, !HasUnknownTrees, NewLostAndFound()).Run(index);
    }

    private void Reach(NamedRecord tree)
    {
        var salvaged = new SalvagedTree { Name = tree.Name, Recorded = tree.Record.Entries, Id = tree.Record.Id };
        _trees.Add(salvaged);
        _ids.Add(tree.Record.Id);
        _context.Filler.Enter(tree.Name, tree.Options, tree.Attributes);
        _context.NewReachingWalk().Walk(tree.Record, KeyRangeSet.All,
            new EntryTaker(_context, tree.Name, salvaged.Losses, () => salvaged.Reached++));
    }

    /// <summary>Only a meta knows where the default tree is.</summary>
    private void AddLostDefaultTree()
    {
        var salvaged = new SalvagedTree { Name = "", Recorded = 0, Id = FileFormat.DefaultTreeId };
        salvaged.Losses.AddPage(0, "is not known as its root: that stands in the metas, and these are gone", default);
        _trees.Add(salvaged);
        _ids.Add(salvaged.Id);
    }

    /// <summary>
    /// Former records of trees lead to leaves that still count: what a commit does not change stays where it is. They
    /// name trees, too, that are lost with the catalog.
    /// </summary>
    /// <param name="index">Where the trees of the leaves are noted; null to take them at once.</param>
    private void FindFurther(RowIndex? index)
    {
        List<(string Name, IReadOnlyList<NamedRecord> Records)> former = FormerRecords();
        foreach ((_, IReadOnlyList<NamedRecord> records) in former)
        {
            if (_trees.Find(tree => tree.Id == records[0].Record.Id) is not { Losses.HasPages: true } tree)
                continue;
            KeyRangeSet lost = tree.Losses.KeysOf(withValues: false);
            foreach (NamedRecord record in records)
                WalkFormer(record.Record, lost, tree, new LossList(), index);
        }

        if (!HasUnknownTrees)
            return;
        foreach ((string name, IReadOnlyList<NamedRecord> records) in former)
        {
            if (IsLostName(name) && !_trees.Exists(tree => tree.Name == name) && _ids.Add(records[0].Record.Id))
                FindTree(name, records, index);
        }
    }

    private void FindTree(string name, IReadOnlyList<NamedRecord> former, RowIndex? index)
    {
        TreeRecord[] records = [.. former.Select(found => found.Record)];
        bool isNewest = _context is { HasSurvey: true, Stale.IsComplete: true }
            && !_context.Stale.Stale.Contains(records[0].Root);
        var salvaged = new SalvagedTree
        {
            Name = name,
            Recorded = records[0].Entries,
            Id = records[0].Id,
            OlderTransaction = isNewest ? null : records[0].Changed,
        };

        // A tree of which nothing counts any more was dropped, or all of it was written anew.
        salvaged.IsCertain = IsOfAnOlderMeta(salvaged);
        _trees.Add(salvaged);
        _context.Filler.Declare(name, former[0].Options, former[0].Attributes);
        if (salvaged.IsCertain)
            _context.Filler.Enter(name);
        for (int i = 0; i < records.Length; i++)
            WalkFormer(records[i], KeyRangeSet.All, salvaged, i == 0 ? salvaged.Losses : new LossList(), index);
    }

    private void WalkFormer(TreeRecord record, KeyRangeSet keys, SalvagedTree tree, LossList losses, RowIndex? index)
    {
        if (index is null)
            _context.NewWalk(liveOnly: true).Walk(record, keys,
                new EntryTaker(_context, tree.Name, losses, () => tree.FromOrphans++));
        else
            _context.NewWalk(liveOnly: true, takes: false).Walk(record, keys,
                new OwnerNoter(_context, index, _trees.IndexOf(tree), losses));
    }

    private bool IsOfAnOlderMeta(SalvagedTree tree) =>
        _sources.Skip(1).Any(source => source.Trees.TryGetValue(tree.Name, out NamedRecord? record)
            && record.Record.Id == tree.Id);

    /// <summary>By tree: the records of the older metas, then those of catalog pages to which nothing leads.</summary>
    private List<(string Name, IReadOnlyList<NamedRecord> Records)> FormerRecords()
    {
        var trees = new Dictionary<ulong, (string Name, List<NamedRecord> Records)>();
        foreach (NamedRecord tree in _sources.Skip(1).SelectMany(source => source.Trees.Values))
            Add(tree.Name, [tree]);
        if (_context.HasSurvey)
        {
            foreach ((string name, IReadOnlyList<NamedRecord> records) in _context.FindRecords().Trees)
                Add(name, records);
        }

        return [.. trees.Values.Select(tree => (tree.Name, (IReadOnlyList<NamedRecord>)tree.Records))];

        void Add(string name, IReadOnlyList<NamedRecord> records)
        {
            if (!trees.TryGetValue(records[0].Record.Id, out (string Name, List<NamedRecord> Records) tree))
                trees.Add(records[0].Record.Id, tree = (name, []));
            tree.Records.AddRange(records);
        }
    }

    private bool IsLostName(string name)
    {
        byte[] key = System.Text.Encoding.UTF8.GetBytes(name);
        return Newest is null || Newest.CatalogLosses.Ranges.Any(range => range.Keys.Contains(key));
    }

    /// <summary>
    /// Looks for what is still lost in older states of the same tree; a tree of that name with another id was another
    /// tree. What the lost and found has already is not taken a second time.
    /// </summary>
    private void TakeOlder(LostAndFound? found)
    {
        if (_sources.Count < 2 || _trees.TrueForAll(tree => tree.Losses.IsEmpty))
            return;
        using RowIndex? known = found is null ? null : _context.OpenIndex(found);
        foreach (SalvagedTree tree in _trees.Where(tree => !tree.Losses.IsEmpty))
        {
            KeyRangeSet lost = tree.Losses.KeysOf(withValues: true);
            foreach (SalvageSource older in _sources.Skip(1))
            {
                if (older.Trees.TryGetValue(tree.Name, out NamedRecord? before) && before.Record.Id == tree.Id)
                    _context.NewWalk(takes: false).Walk(before.Record, lost,
                        new EntryTaker(_context, tree.Name, new LossList(), () => tree.FromOlderState++, known));
            }
        }
    }

    private LostAndFound NewLostAndFound() =>
        new(_context.Filler, _trees.Select(tree => tree.Name).ToHashSet(StringComparer.Ordinal));

    /// <summary>
    /// Puts entries that are not there yet: an earlier source knows better. The tree is made with the first one.
    /// </summary>
    private sealed class EntryTaker(SalvageContext context, string tree, LossList losses, Action taken,
        RowIndex? known = null) : IEntryVisitor
    {
        public void Entry(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            if (key.Length > context.Filler.MaxKeyLength)
            {
                losses.AddEntry(0, $"has a key of {key.Length} bytes, which no engine writes", key);
                return;
            }

            if (known?.HasRow(key, value) == true)
                return;
            context.Filler.Enter(tree);
            if (context.Filler.TryAdd(key, value))
                taken();
        }

        public void LostPage(ulong page, string problem, scoped in NodeBounds bounds) =>
            losses.AddPage(page, problem, bounds);

        public void LostValue(ulong page, string problem, ReadOnlySpan<byte> key) =>
            losses.AddEntry(page, problem, key);
    }

    /// <summary>Notes which tree leaves belong to.</summary>
    private sealed class OwnerNoter(SalvageContext context, RowIndex index, int tree, LossList losses) : IEntryVisitor
    {
        private ulong _leaf;

        public void Entry(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Note();

        public void LostPage(ulong page, string problem, scoped in NodeBounds bounds) =>
            losses.AddPage(page, problem, bounds);

        public void LostValue(ulong page, string problem, ReadOnlySpan<byte> key) => Note();

        private void Note()
        {
            if (_leaf == context.CurrentLeaf)
                return;
            _leaf = context.CurrentLeaf;
            index.SetOwner(_leaf, tree);
        }
    }
}
