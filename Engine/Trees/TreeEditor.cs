using Engine.Pages;

namespace Engine.Trees;

/// <summary>
/// A tree in a write transaction: copy-on-write of the path, then the change. This part holds the state, the descent
/// and copy-on-write; the other parts insert, split, delete, merge and remove ranges. One thread at a time.
/// </summary>
/// <remarks>
/// Invariants: a dirty page's ancestors are dirty, so the path is dirty once its leaf is; a page is either dirty or
/// clean and unchanged; the record's page counts are those of the pages reachable from its root. Pages are read before
/// anything is changed (a merge reads its sibling first), so that a corrupt page leaves the tree as it was.
/// </remarks>
internal sealed partial class TreeEditor
{
    private readonly PageSource _source;
    private readonly DirtyList _dirty;
    private readonly IPageSpace _space;
    private readonly int _pageSize;
    private readonly LeafEditor _leaves;
    private readonly BranchEditor _branches;

    // The path of the current operation, by level.
    private readonly Page[] _pages = new Page[PageLayout.MaxDepth + 1];
    private readonly ulong[] _references = new ulong[PageLayout.MaxDepth + 1];
    private readonly int[] _indexes = new int[PageLayout.MaxDepth + 1];

    private TreeRecord _record;

    private AppendFinger _finger;

    public TreeEditor(PageSource source, DirtyList dirty, IPageSpace space, in TreeRecord record)
    {
        _source = source;
        _dirty = dirty;
        _space = space;
        _pageSize = source.PageSize;
        _leaves = new LeafEditor(_pageSize, dirty.Scratch);
        _branches = new BranchEditor(_pageSize, dirty.Scratch);
        Reset(record);
    }

    /// <summary>The tree as it is now; its root may be a dirty reference.</summary>
    public ref TreeRecord Record => ref _record;

    /// <summary>Moves with every change; cursors compare it to know that they must seek again.</summary>
    public long Changes { get; private set; }

    /// <summary>Whether the transaction has changed it, rolled back changes excepted.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>Says that the tree's pages are elsewhere now, although its entries are the same.</summary>
    public void NoteMove() => Changes++;

    /// <summary>The record, to be written.</summary>
    /// <param name="pageCount">Pages of the file.</param>
    /// <exception cref="DatabaseCorruptException">
    /// Counts that a damaged file had wrong become impossible sooner or later. A meta with such a record would not be
    /// valid: recovery would take the one before it, and the commit would be lost without a word.
    /// </exception>
    public TreeRecord PlausibleRecord(ulong pageCount) =>
        _record.IsPlausible(PageLayout.FirstPage(_pageSize), pageCount)
            ? _record
            : throw new DatabaseCorruptException(
                $"The counts of a tree do not add up ({_record.Entries} entries, {_record.LeafPages} leaf, "
                + $"{_record.BranchPages} branch and {_record.OverflowPages} overflow pages, depth {_record.Depth}): "
                + "the file was damaged before. The transaction was aborted; copy what is readable into a new "
                + "database.");

    /// <summary>Starts over with another record: for reuse in the next transaction.</summary>
    public void Reset(in TreeRecord record)
    {
        _record = record;
        _finger.Lift();
        Changes = 0;
        IsChanged = false;
        _savedAt = 0;
        CountAnew();
    }

    /// <summary>Walks to the leaf of a key, noting the path.</summary>
    private LeafPage Descend(ReadOnlySpan<byte> key)
    {
        _finger.Lift();
        var level = _record.Depth - 1;
        var reference = _record.Root;
        var page = _source.Get(reference, _record.RootCrc, level);
        while (true)
        {
            _pages[level] = page;
            _references[level] = reference;
            if (level == 0)
            {
                return new LeafPage(page);
            }

            var branch = new BranchPage(page);
            var child = branch.Find(key);
            _indexes[level] = child;
            reference = branch.Child(child);
            level--;
            page = _source.Get(reference, branch.ChildCrc(child), level);
        }
    }

    /// <summary>
    /// Copies the clean pages of the path into the dirty list, from the root down, so that the leaf may be changed.
    /// </summary>
    private Page MakePathDirty()
    {
        if (!IsDirty(_references[0]))
        {
            for (var level = _record.Depth - 1; level >= 0; level--)
            {
                if (!IsDirty(_references[level]))
                {
                    CopyOnWrite(level);
                }
            }

            if (IsCounted)
            {
                LoseCountsOfPath();
            }
        }
        else
        {
            _dirty.Touch(_references[0]);
            LoseCounts();
        }

        return _pages[0];
    }

    private void CopyOnWrite(int level)
    {
        var page = _pages[level];
        var reference = MakeDirty(_references[level], ref page);
        _pages[level] = page;
        _references[level] = reference;
        if (level == _record.Depth - 1)
        {
            SetRoot(reference);
        }
        else
        {
            _dirty.Touch(_references[level + 1]);
            new BranchPage(_pages[level + 1]).SetChild(_indexes[level + 1], reference, 0);
        }
    }

    /// <summary>
    /// A dirty copy of a page, unless it is one: it may be changed. What refers to it is the caller's business.
    /// </summary>
    private ulong MakeDirty(ulong reference, ref Page page)
    {
        if (IsDirty(reference))
        {
            _dirty.Touch(reference);
            return reference;
        }

        var clean = page;
        reference = Replace(reference, clean, out page);
        page.CopyFrom(clean, _pageSize);
        return reference;
    }

    /// <summary>
    /// The one step of copy on write: a new page takes the place of a clean one, which goes when no snapshot reaches
    /// it.
    /// </summary>
    private ulong Replace(ulong reference, Page clean, out Page page)
    {
        _space.Free(reference, 1, clean.Birth);
        return _dirty.Add(1, out page);
    }

    private static bool IsDirty(ulong reference) => (reference & PageSource.DirtyBit) != 0;

    private void SetRoot(ulong reference)
    {
        _record.Root = reference;
        _record.RootCrc = 0;
    }

    private ulong AddPage(int level, out Page page)
    {
        if (level == 0)
        {
            _record.LeafPages++;
        }
        else
        {
            _record.BranchPages++;
        }

        return _dirty.Add(1, out page);
    }

    /// <summary>Gives up a page that nothing in the tree refers to any more.</summary>
    private void ReleasePage(ulong reference, Page page, int level)
    {
        if (level == 0)
        {
            _record.LeafPages--;
        }
        else
        {
            _record.BranchPages--;
        }

        if (IsDirty(reference))
        {
            _dirty.Drop(reference);
        }
        else
        {
            _space.Free(reference, 1, page.Birth);
        }
    }

    private void ReleaseOverflow(OverflowReference value)
    {
        var pages = PageLayout.OverflowPages(value.Length, _pageSize);
        _record.OverflowPages -= pages;
        if (IsDirty(value.Page))
        {
            _dirty.Drop(value.Page);
        }
        else
        {
            _space.Free(value.Page, pages, value.Birth);
        }
    }
}
