using Engine.Cli.Shared;
using Engine.Integrity;

namespace Engine.Cli.Inspection;

/// <summary>
/// Finds what points to a page: looks at references, so it finds them even if the page they lead to is damaged.
/// </summary>
internal sealed class ReferenceSearch : ITreeVisitor
{
    private readonly InspectedFile _file;
    private readonly ulong _page;
    private readonly Presentation _show;
    private readonly List<PageReference> _found = [];

    private ReferenceSearch(InspectedFile file, ulong page, Presentation show)
    {
        _file = file;
        _page = page;
        _show = show;
    }

    /// <summary>Walks the space log and all trees.</summary>
    public static IReadOnlyList<PageReference> Run(
        CommandContext context, InspectedFile file, SpaceLogScan log, ulong page, Presentation show)
    {
        var search = new ReferenceSearch(file, page, show);
        search.LookAtLog(log, file.RequireMeta());
        if (file.ListRun is { } list
            && page - list.Page is var at && page >= list.Page
            && at < FileFormat.OverflowPages(list.Length, file.PageSize))
        {
            search._found.Add(new PageReference(
                $"meta slot {file.Meta!.Index}, list run", null, list.Crc, $"page {at + 1} of the run list", list));
        }

        TreeList trees = TreeList.Read(file, new DamageList(), context.Cancellation);
        foreach (TreeInfo tree in trees.Trees)
        {
            if (tree.Record.Root == page)
            {
                string from = tree.Holder is { } holder
                    ? $"page {holder}, the record of {tree.Phrase}"
                    : $"meta slot {file.Meta!.Index}, the record of {tree.Phrase}";
                search._found.Add(new PageReference(from, tree.Holder, tree.Record.RootCrc, $"root of {tree.Phrase}"));
            }
        }

        // A root or a log page that has been found is what it is: no need to read everything.
        if (search._found.Count == 0)
            FileWalk.Run(context, file, trees.Trees, _ => search);
        return search._found;
    }

    public void Node(NodeVisit node, scoped in NodeBounds bounds)
    {
        if (node.Level == 0)
            LookAtValues(node);
        else
            LookAtChildren(node, bounds);
    }

    public void Overflow(NodeVisit leaf, int entry, OverflowReference reference, ulong pages)
    {
        // Seen in the leaf, whether the run is sound or not.
    }

    public void Damaged(Damage damage)
    {
        // Nothing to say: the question is about one page.
    }

    private void LookAtLog(SpaceLogScan log, MetaSlot meta)
    {
        byte[] newer = new byte[_file.PageSize];
        for (int i = 0; i <= log.Pages.Count; i++)
        {
            // The oldest page may point to one that could not be read.
            (ulong page, uint crc, string from, ulong? holder) =
                (meta.NewestLogPage, meta.NewestLogPageCrc, $"meta slot {meta.Index}, newest log page", (ulong?)null);
            if (i > 0)
            {
                if (!_file.TryRead(log.Pages[i - 1], newer))
                    return;
                (page, crc) = new LogPageView(newer).Older;
                (from, holder) = ($"page {log.Pages[i - 1]}, the log page after it", log.Pages[i - 1]);
            }

            if (page == _page)
            {
                _found.Add(new PageReference(from, holder, crc, "page of the space log"));
                return;
            }
        }
    }

    private void LookAtChildren(NodeVisit branch, scoped in NodeBounds bounds)
    {
        int count = branch.Header.Count;
        for (int i = 0; i < count; i++)
        {
            _ = BranchCell.TryRead(branch.Bytes, count, i, out BranchCell cell);
            if (cell.Child != _page)
                continue;
            byte[]? lower = i > 0 ? cell.Separator(branch.Bytes).ToArray()
                : bounds.HasLower ? bounds.Lower.ToArray()
                : null;
            byte[]? upper = bounds.HasUpper ? bounds.Upper.ToArray() : null;
            if (i + 1 < count && BranchCell.TryRead(branch.Bytes, count, i + 1, out BranchCell next))
                upper = next.Separator(branch.Bytes).ToArray();
            string role = branch.Level == 1
                ? $"leaf of {branch.Tree.Phrase}"
                : $"branch of {branch.Tree.Phrase}, level {branch.Level - 1}";
            Add(
                branch,
                new PageReference(
                    $"page {branch.Page}, child {i} of {count}", branch.Page, cell.ChildCrc, role, null, lower, upper));
        }
    }

    private void LookAtValues(NodeVisit leaf)
    {
        int count = leaf.Header.Count;
        for (int i = 0; i < count; i++)
        {
            _ = LeafCell.TryRead(leaf.Bytes, count, i, out LeafCell cell);
            if (!cell.IsOverflow)
                continue;
            OverflowReference run = cell.Reference(leaf.Bytes);
            ulong pages = FileFormat.OverflowPages(run.Length, _file.PageSize);
            if (_page < run.Page || _page - run.Page >= pages)
                continue;
            string key = _show.Bytes(cell.Key(leaf.Bytes), 40);
            Add(leaf, new PageReference(
                $"page {leaf.Page}, entry {i} of {count}, key {key}", leaf.Page, run.Crc,
                $"page {_page - run.Page + 1} of {pages} of an overflow value of {leaf.Tree.Phrase}", run));
        }
    }

    /// <summary>A second reference would be damage, which check finds; here the walk may end.</summary>
    private void Add(NodeVisit node, PageReference reference)
    {
        _found.Add(reference);
        node.Stop = true;
    }
}
