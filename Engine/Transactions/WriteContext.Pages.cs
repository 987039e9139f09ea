using Engine.Pages;
using Engine.Space;
using Engine.Storage;

namespace Engine.Transactions;

/// <content>
/// The dirty pages of all trees on their way into the file, step by step: for a commit, and for a spill.
/// </content>
internal sealed partial class WriteContext
{
    /// <summary>Where the space manager was before the dirty pages were numbered the last time.</summary>
    private SpaceMark _numbering;

    // Whether cursors were handed out, whose pages may lie in any map that the transaction has used.
    private bool _isLookedInto;

    // Whether the run list of the base state has been freed: a group may be sealed a second time.
    private bool _isListRunFree;

    private TreePages _mainPages;
    private TreePages _catalogPages;

    /// <summary>Whether there is anything to commit.</summary>
    public bool HasChanges => Main.IsChanged || _namesChanged || _touched.Exists(static tree => tree.IsChanged);

    /// <summary>
    /// Whether pages were written before the commit that its list would not name: recovery could not verify them.
    /// </summary>
    public bool HasUnlistedPages { get; private set; }

    /// <summary>Bytes of the pages that the commit has written, and of those before it.</summary>
    public long BytesWritten => (long)(Pages.Count + _earlyPages) * _pageSize;

    /// <summary>Names the catalog of the new state.</summary>
    public ulong NextCatalogId => Catalog.IsChanged ? TransactionId : _base.CatalogId;

    /// <summary>
    /// Whether all dirty pages have numbers, which they may be written with, and which can be taken back.
    /// </summary>
    public bool IsNumbered { get; private set; }

    /// <summary>Finds the dirty pages of all trees, children before parents.</summary>
    public void Collect()
    {
        IsNumbered = false;
        Pages.Clear();
        foreach (var tree in _touched)
        {
            if (tree.Editor is { } editor)
            {
                tree.Pages = Pages.Collect(editor.Record);
            }
        }

        _catalogPages = Pages.Collect(Catalog.Record);
        _mainPages = Pages.Collect(Main.Record);
    }

    /// <summary>Gives every collected page its number.</summary>
    public void AssignNumbers()
    {
        _numbering = _space.Mark();
        var branchPages = Main.Record.BranchPages + Catalog.Record.BranchPages;
        foreach (var tree in _touched)
        {
            branchPages += tree.Editor?.Record.BranchPages ?? 0;
        }

        IsNumbered = false;
        Pages.AssignNumbers(branchPages);
        IsNumbered = true;
    }

    /// <summary>
    /// The pages that held the run list of the base state are free from this transaction on. Before the pages are
    /// numbered, which may be undone.
    /// </summary>
    public void FreeListRun()
    {
        if (!_isListRunFree && _base.ListRun is { Page: not 0 } list)
        {
            _isListRunFree = true;
            var pages = _base.ListPages(_pageSize);
            _space.Free(new Extent(list.Page, pages), list.Birth);
        }
    }

    /// <summary>Sums and writes large values, which nothing refers to yet.</summary>
    public void WriteValues() => Pages.WriteRuns(_space.PageCount, TransactionId);

    /// <summary>Completes the pages of named trees: afterwards their records name their roots in the file.</summary>
    public void SumTrees()
    {
        foreach (var tree in _touched)
        {
            if (tree.Editor is { } editor)
            {
                Pages.Complete(ref editor.Record, tree.Pages, TransactionId);
                if (tree.IsChanged)
                {
                    _ = editor.PlausibleRecord(_space.PageCount);
                }
            }
        }
    }

    /// <summary>Completes the pages of the trees that the meta names.</summary>
    public void SumRoots()
    {
        Pages.Complete(ref Catalog.Record, _catalogPages, TransactionId);
        Pages.Complete(ref Main.Record, _mainPages, TransactionId);
    }

    /// <summary>The commit is visible from now on: its pages are part of the database.</summary>
    public void Publish()
    {
        IsNumbered = false;
        Pages.MarkWritten();
        _space.Publish();
        RememberCommitted();
        End();
    }

    /// <summary>
    /// Undoes the numbering of the dirty pages, of a commit or a spill whose pages could not be written: they are what
    /// they were before, and can be numbered again.
    /// </summary>
    public void TakeNumbersBack()
    {
        IsNumbered = false;
        _space.Unseal(_numbering);
        var references = Pages.TakeNumbersBack();
        foreach (var tree in _touched)
        {
            if (tree.Editor is { } editor)
            {
                TakeNumbersBack(ref editor.Record, references);
            }
        }

        TakeNumbersBack(ref Catalog.Record, references);
        TakeNumbersBack(ref Main.Record, references);
    }

    private static void TakeNumbersBack(ref TreeRecord tree, Dictionary<ulong, ulong> references)
    {
        if (references.TryGetValue(tree.Root, out var reference))
        {
            tree.Root = reference;
            tree.RootCrc = 0;
        }
    }

    /// <summary>
    /// After pages were written: a map of so many pages, through which the transaction itself goes on reading. Maps
    /// that only this transaction has used go, unless somebody looks into them.
    /// </summary>
    public MapGeneration Cover(ulong pageCount)
    {
        var map = _maps.Covering((long)pageCount * _pageSize, _isLookedInto);

        // Pages of the base state that are not verified yet are not younger than it; those of this transaction are
        // marked or dirty.
        _source.Attach(map, pageCount, _base.Id, _verified, _dirty);
        return map;
    }
}
