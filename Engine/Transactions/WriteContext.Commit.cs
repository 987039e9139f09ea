using Engine.Pages;
using Engine.Space;

namespace Engine.Transactions;

/// <content>The part of a commit that happens before anything names the new pages.</content>
internal sealed partial class WriteContext
{
    /// <summary>Verified commits are small: recovery reads their pages again.</summary>
    private const ulong MaxVerifiedPages = 1000;

    /// <summary>Where the space manager was before the dirty pages were numbered the last time.</summary>
    private SpaceMark _numbering;

    /// <summary>Whether there is anything to commit.</summary>
    public bool HasChanges => _main.IsChanged || _namesChanged || _touched.Exists(static tree => tree.IsChanged);

    /// <summary>
    /// Numbers, completes and writes every dirty page. Nothing refers to them yet: after a failure the transaction is aborted and nothing is lost.
    /// </summary>
    /// <param name="mayBeVerified">Whether the commit may rely on recovery verifying its pages.</param>
    /// <param name="durableId">The newest durable id.</param>
    /// <returns>The meta of the commit.</returns>
    public Meta WritePages(bool mayBeVerified, ulong durableId)
    {
        WriteRecords();
        if (_main.IsChanged)
        {
            _main.Record.LastChanged = TransactionId;
        }

        if (_catalog.IsChanged)
        {
            _catalog.Record.LastChanged = TransactionId;
        }

        NumberAndComplete(isCommit: true);
        var space = _space.Seal();
        foreach (var image in space.NewLogPages.Span)
        {
            _writer.AddLogPage(image);
        }

        IReadOnlyList<PageRun> runs = [];
        ulong digest = 0;
        var isVerified = mayBeVerified && !_wroteEarly && _writer.Pages <= MaxVerifiedPages && _writer.TryListRuns(out runs, out digest);

        _writer.Write(space.PageCount, space.NewLogPages.Span);
        var meta = new Meta
        {
            Id = TransactionId,
            DurableId = durableId,
            PageCount = space.PageCount,
            Class = isVerified ? CommitClass.Verified : CommitClass.Ordered,
            Main = _main.Record,
            Catalog = _catalog.Record,
            NextTreeId = _nextTreeId,
            LogPage = space.LogPage,
            LogPageCrc = space.LogPageCrc,
            LogPages = space.LogPages,
            LogHead = space.LogHead,
            Runs = isVerified ? runs : [],
            Digest = isVerified ? digest : 0,
        };
        RequirePlausible(meta.Main, meta.PageCount);
        RequirePlausible(meta.Catalog, meta.PageCount);
        PrepareCommitted();
        return meta;
    }

    /// <summary>Pages that the last <see cref="WritePages"/>, and the large values before it, wrote.</summary>
    public ulong PagesWritten => _writer.Pages + _earlyPages;

    /// <summary>Names the catalog of the new state.</summary>
    public ulong NextCatalogId => _catalog.IsChanged ? TransactionId : _base.CatalogId;

    /// <summary>The commit is visible from now on: its pages are part of the database.</summary>
    public void Publish()
    {
        _writer.MarkWritten();
        _space.Publish();
        RememberCommitted();
        End();
    }

    /// <summary>
    /// Counts that a damaged file had wrong become impossible sooner or later. A meta with such a record would not be valid: recovery would take the one
    /// before it, and the commit would be lost without a word.
    /// </summary>
    private void RequirePlausible(in TreeRecord tree, ulong pageCount)
    {
        if (!tree.IsPlausible(PageLayout.FirstPage(_pageSize), pageCount))
        {
            throw new DatabaseCorruptException(
                $"The counts of a tree do not add up ({tree.Entries} entries, {tree.LeafPages} leaf, {tree.BranchPages} branch and {tree.OverflowPages} overflow pages, depth {tree.Depth}): the file was damaged before. The transaction was aborted; copy what is readable into a new database.");
        }
    }

    /// <summary>
    /// Undoes the numbering of the dirty pages, of a commit or a spill whose pages could not be written: they are what
    /// they were before, and can be numbered again.
    /// </summary>
    public void TakeNumbersBack()
    {
        _space.Unseal(_numbering);
        var references = _writer.TakeNumbersBack();
        foreach (var tree in _touched)
        {
            if (tree.Editor is { } editor)
            {
                TakeNumbersBack(ref editor.Record, references);
            }
        }

        TakeNumbersBack(ref _catalog.Record, references);
        TakeNumbersBack(ref _main.Record, references);
    }

    private static void TakeNumbersBack(ref TreeRecord tree, Dictionary<ulong, ulong> references)
    {
        if (references.TryGetValue(tree.Root, out var reference))
        {
            tree.Root = reference;
            tree.RootCrc = 0;
        }
    }

    /// <param name="isCommit">Whether the records of named trees get their final roots, or the transaction goes on.</param>
    private void NumberAndComplete(bool isCommit)
    {
        _writer.Clear();
        _numbering = _space.Mark();
        var branchPages = _main.Record.BranchPages + _catalog.Record.BranchPages;
        Span<TreePages> pages = _touched.Count <= 32 ? stackalloc TreePages[_touched.Count] : new TreePages[_touched.Count];
        for (var i = 0; i < _touched.Count; i++)
        {
            if (_touched[i].Editor is { } editor)
            {
                branchPages += editor.Record.BranchPages;
                pages[i] = _writer.Collect(editor.Record);
            }
        }

        var catalogPages = _writer.Collect(_catalog.Record);
        var mainPages = _writer.Collect(_main.Record);
        _writer.AssignNumbers(branchPages);
        for (var i = 0; i < _touched.Count; i++)
        {
            if (_touched[i].Editor is { } editor)
            {
                _writer.Complete(ref editor.Record, pages[i], TransactionId);
                if (_touched[i].IsChanged)
                {
                    RequirePlausible(editor.Record, _space.PageCount);
                }
            }
        }

        if (isCommit)
        {
            WriteRecords();
            if (!_writer.HasAllCollected)
            {
                throw CommitWriter.ShapeChanged();
            }
        }

        _writer.Complete(ref _catalog.Record, catalogPages, TransactionId);
        _writer.Complete(ref _main.Record, mainPages, TransactionId);
    }
}
