using Engine.Pages;
using Engine.Trees;

namespace Engine.Backups;

/// <summary>
/// Goes through the pages of a state that were born after its base: the default tree, then the catalog, and each tree
/// where the catalog names it; a page before what it refers to. A page is never older than what it refers to, so what
/// is below an old page is old.
/// </summary>
internal sealed class BackupWalk
{
    private readonly PageSource _source;
    private readonly BackupState _state;
    private readonly ulong _baseId;
    private readonly BaseState? _base;
    private readonly BaseTree? _baseTree;
    private readonly BaseTree? _baseCatalog;
    private readonly List<Frame> _path = [];
    private int _rootsDone;
    private ulong _pages;

    /// <param name="source">The pages of the state.</param>
    /// <param name="state">The state.</param>
    /// <param name="baseState">The base; null for all pages.</param>
    public BackupWalk(PageSource source, BackupState state, BaseState? baseState)
    {
        _source = source;
        _state = state;
        _base = baseState;
        if (baseState is { } known)
        {
            _baseId = known.State.Id;
            _baseTree = new BaseTree(known.Source);
            _baseCatalog = new BaseTree(known.Source);
        }
    }

    /// <summary>The next page, or overflow run.</summary>
    /// <param name="item">What it is.</param>
    /// <param name="page">The first page.</param>
    /// <exception cref="DatabaseCorruptException">The database is damaged.</exception>
    public bool MoveNext(out BackupItem item, out Page page)
    {
        while (true)
        {
            if (_path.Count == 0)
            {
                if (_rootsDone == 2)
                {
                    (item, page) = (default, default);
                    return false;
                }

                if (TryEnterRoot(out item, out page))
                {
                    return true;
                }

                continue;
            }

            var top = _path[^1];
            if (top.Next == top.Page.Count)
            {
                _path.RemoveAt(_path.Count - 1);
                continue;
            }

            _path[^1] = top with { Next = top.Next + 1 };
            if (top.Page.Level > 0 ? TryEnterChild(top, out item, out page) : TryVisitEntry(top, out item, out page))
            {
                return true;
            }
        }
    }

    private bool TryEnterRoot(out BackupItem item, out Page page)
    {
        var isCatalog = _rootsDone++ == 1;
        if (!isCatalog)
        {
            _baseTree?.Reset(_base!.Value.State.Main);
            return TryEnter(_state.Main, isCatalog: false, out item, out page);
        }

        _baseCatalog?.Reset(_base!.Value.State.Catalog);
        return TryEnter(_state.Catalog, isCatalog: true, out item, out page);
    }

    private bool TryEnter(in TreeRecord record, bool isCatalog, out BackupItem item, out Page page)
    {
        (item, page) = (default, default);
        return record.Root != 0
            && !IsInBase([], record.Root, record.RootCrc, record.Depth - 1, isCatalog)
            && TryEnter(record.Root, record.RootCrc, record.Depth - 1, isCatalog, isRoot: true, out item, out page);
    }

    private bool TryEnterChild(in Frame top, out BackupItem item, out Page page)
    {
        var branch = new BranchPage(top.Page);
        var (child, crc, level) = (branch.Child(top.Next), branch.ChildCrc(top.Next), top.Page.Level - 1);
        if (_base is not null && IsInBase(LowestKey(), child, crc, level, top.IsCatalog))
        {
            (item, page) = (default, default);
            return false;
        }

        return TryEnter(child, crc, level, top.IsCatalog, isRoot: false, out item, out page);
    }

    private bool TryEnter(
        ulong number, uint crc, int level, bool isCatalog, bool isRoot, out BackupItem item, out Page page)
    {
        page = _source.Get(number, crc, level);
        if (page.Birth <= _baseId)
        {
            item = default;
            return false;
        }

        _path.Add(new Frame(page, 0, isCatalog, isRoot));
        item = Count(new BackupItem(number, page.Birth, crc, 1));
        return true;
    }

    private bool TryVisitEntry(in Frame top, out BackupItem item, out Page page)
    {
        (item, page) = (default, default);
        var leaf = new LeafPage(top.Page);
        if (top.IsCatalog)
        {
            return TryEnterTree(leaf, top.Next, out item, out page);
        }

        if (!leaf.IsOverflow(top.Next))
        {
            return false;
        }

        var value = leaf.Overflow(top.Next);
        if (value.Birth <= _baseId)
        {
            return false;
        }

        page = _source.GetRun(value);
        var pages = (uint)PageLayout.OverflowPages(value.Length, _state.PageSize);
        item = Count(new BackupItem(value.Page, value.Birth, value.Crc, pages));
        return true;
    }

    private bool TryEnterTree(LeafPage leaf, int index, out BackupItem item, out Page page)
    {
        var name = leaf.Key(index);
        if (name.IsEmpty)
        {
            // What the database itself has there is no tree.
            (item, page) = (default, default);
            return false;
        }

        if (!TryReadRecord(leaf, index, _source.PageLimit, out var record))
        {
            throw new DatabaseCorruptException(
                leaf.Page.Number, "is a leaf of the catalog and holds a record of a tree that is impossible");
        }

        if (_base is { } known)
        {
            // Of a tree that has another name there, more is looked at, and nothing else is different.
            var (source, catalog) = (known.Source, known.State.Catalog);
            var at = TreeSearch.Find(source, catalog.Root, catalog.RootCrc, catalog.Depth, name, out var former);
            _baseTree!.Reset(
                at >= 0 && TryReadRecord(former, at, source.PageLimit, out var then) && then.TreeId == record.TreeId
                    ? then
                    : default);
        }

        return TryEnter(record, isCatalog: false, out item, out page);
    }

    private bool TryReadRecord(LeafPage leaf, int index, ulong pageLimit, out TreeRecord record)
    {
        record = default;
        if (!leaf.TryGetInlineValue(index, out var value) || value.Length < PageLayout.TreeRecordSize)
        {
            return false;
        }

        record = TreeRecord.Read(value);
        return record.IsPlausible(PageLayout.FirstPage(_state.PageSize), pageLimit);
    }

    private bool IsInBase(ReadOnlySpan<byte> lowest, ulong number, uint crc, int level, bool isCatalog) =>
        (isCatalog ? _baseCatalog : _baseTree)?.Contains(lowest, number, crc, level) ?? false;

    /// <summary>
    /// No key below the child that the walk is about to enter is lower: the separator before it, here or above.
    /// </summary>
    private ReadOnlySpan<byte> LowestKey()
    {
        for (var i = _path.Count - 1; ; i--)
        {
            var frame = _path[i];
            if (frame.Next > 1)
            {
                return new BranchPage(frame.Page).Separator(frame.Next - 1);
            }

            if (frame.IsRoot)
            {
                return [];
            }
        }
    }

    /// <summary>Ends the walk of a crafted file in which pages refer to the same pages again and again.</summary>
    private BackupItem Count(BackupItem item)
    {
        _pages += item.Pages;
        return _pages <= _state.PageCount
            ? item
            : throw new DatabaseCorruptException(item.Page, "is referred to more than once");
    }

    /// <summary>A page on the path from a root to where the walk is.</summary>
    /// <param name="Page">The page.</param>
    /// <param name="Next">The child or entry that is next.</param>
    /// <param name="IsCatalog">Whether it is one of the catalog.</param>
    /// <param name="IsRoot">Whether it is a root.</param>
    private readonly record struct Frame(Page Page, int Next, bool IsCatalog, bool IsRoot);
}
