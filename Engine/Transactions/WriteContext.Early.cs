using Engine.Pages;
using Engine.Storage;
using Engine.Trees;

namespace Engine.Transactions;

/// <content>
/// Pages that are written before the commit: those of transactions larger than their memory, large values when they are
/// put, and smaller ones of some pages together, when there are many. Spilling writes every dirty page to pages that
/// nothing names, as a commit does, and goes on with trees whose pages are clean, were born in this transaction, and
/// are free at once when they are changed again. An abort gives them back. Recovery never verifies so much: the commit
/// will be an ordered one. Of values, the transaction knows which are there, as long as it is so simple that they only
/// come and go: then the commit lists them.
/// </content>
internal sealed partial class WriteContext
{
    private const string AbortIt = "The transaction can only be aborted.";

    /// <summary>
    /// The values that were written early and that trees refer to, by their first pages: all of them, unless there are
    /// unlisted pages.
    /// </summary>
    private readonly Dictionary<ulong, WrittenPages> _earlyRuns = [];

    /// <summary>Runs of values that were written early, for the list of the commit.</summary>
    public Dictionary<ulong, WrittenPages>.ValueCollection EarlyRuns => _earlyRuns.Values;

    /// <summary>Spills before the memory is full: for who knows that its pages will not be touched again.</summary>
    public void SpillAbove(long bytes)
    {
        try
        {
            CompleteChange(bytes);
        }
        catch (Exception e)
        {
            State.Fail(e);
            throw;
        }
    }

    /// <summary>
    /// Called when an operation is complete, never in its middle: buffers that arguments may lie in, and that a
    /// callback fills, are used again after spilling.
    /// </summary>
    private void CompleteChange() => CompleteChange(_options.TransactionMemory);

    private void CompleteChange(long memory)
    {
        if ((_dirty.UsedBytes > memory || _dirty.RunBytes > _options.EarlyValueMemory) && MayWriteValues())
        {
            _beforeEarly();
            WriteManyValues();
        }

        if (_dirty.UsedBytes > memory)
        {
            _beforeEarly();
            Spill();
        }
    }

    /// <summary>
    /// To write the values all leaves are looked through, so they must be worth it; and a savepoint may need them
    /// where they are.
    /// </summary>
    private bool MayWriteValues() => _dirty.RunBytes > _dirty.UsedBytes / 3 && _savepoints.Count == 0;

    /// <summary>
    /// Writes all values that wait for the commit, while they are in the processor's cache, which they would have left
    /// by then, and uses their memory for the next ones. The tree's pages stay as they are, but for what they say of
    /// these values.
    /// </summary>
    private void WriteManyValues()
    {
        for (var isRetry = false; ; isRetry = true)
        {
            Collect();
            var mark = _space.Mark();
            try
            {
                foreach (var run in Pages.WriteRunsEarly(TransactionId))
                {
                    _earlyPages += run.Pages;
                    ListEarly(run);
                }

                break;
            }
            catch (StorageWriteException e)
            {
                const string What = "Values of a transaction";
                _room.RequireFirstFull(e, isRetry, What, AbortIt);
                _space.RollBackTo(mark);
                _room.Make(e, What, AbortIt);
            }
        }

        Pages.EndRunsEarly(TransactionId);
        Cover(_space.PageCount);
    }

    private void Spill()
    {
        SaveAll();
        WriteOrMakeRoom();
        Pages.MarkWritten();
        GiveListUp();
        _earlyPages += Pages.Count;
        Pages.Clear();
        _dirty.Rewind();
        Cover(_space.PageCount);
        Moved(Main);
        Moved(Catalog);
        foreach (var tree in _touched)
        {
            if (tree.Editor is { } editor)
            {
                Moved(editor);
            }
        }
    }

    /// <summary>Cursors of a changed tree hold buffers that are used again: they must seek.</summary>
    private static void Moved(TreeEditor tree)
    {
        if (tree.IsChanged)
        {
            tree.NoteMove();
        }
    }

    private void WriteOrMakeRoom()
    {
        for (var isRetry = false; ; isRetry = true)
        {
            try
            {
                Collect();
                AssignNumbers();
                WriteValues();
                SumTrees();
                SumRoots();
                Pages.Write(_space.PageCount, [], default);
                return;
            }
            catch (StorageWriteException e)
            {
                const string What = "What the transaction has changed so far";
                _room.RequireFirstFull(e, isRetry, What, AbortIt);
                TakeNumbersBack();
                _room.Make(e, What, AbortIt);
            }
        }
    }

    private bool IsWrittenEarly(int length) => length > _options.EarlyWriteThreshold;

    /// <summary>
    /// A buffer for a large value that is made in place; it is given back as soon as that is written.
    /// </summary>
    private OverflowReference StartEarly(int length) =>
        _dirty.AddRun(length, PageLayout.OverflowPages((uint)length, _pageSize));

    /// <summary>Puts a large value that was made in a buffer.</summary>
    private bool PutEarly(TreeEditor editor, ReadOnlySpan<byte> key, OverflowReference made)
    {
        var run = WriteEarly(_dirty.Get(made.Page).OverflowValue(made.Length));
        _dirty.DropRun(made.Page);
        return PutWritten(editor, key, run);
    }

    /// <summary>Puts a large value of the caller's.</summary>
    private bool PutEarly(TreeEditor editor, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        PutWritten(editor, key, WriteEarly(value));

    private bool PutWritten(TreeEditor editor, ReadOnlySpan<byte> key, OverflowReference run)
    {
        editor.Put(key, (int)run.Length, PutMode.Overwrite, run, out _);
        CompleteChange();
        return true;
    }

    /// <summary>
    /// Writes a large value now, so that a transaction of many large values needs memory for one. Nothing refers to its
    /// pages before the commit, and an abort gives them back.
    /// </summary>
    private OverflowReference WriteEarly(ReadOnlySpan<byte> value)
    {
        _beforeEarly();
        var pages = PageLayout.OverflowPages((uint)value.Length, _pageSize);
        OverflowReference run;
        for (var isRetry = false; ; isRetry = true)
        {
            var mark = _space.Mark();
            var number = _space.TakeRun(pages).Start;
            try
            {
                run = Pages.WriteValue(number, value, _space.PageCount, TransactionId);
                break;
            }
            catch (StorageWriteException e)
            {
                var what = $"A value of {value.Length:N0} bytes";
                _room.RequireFirstFull(e, isRetry, what, AbortIt);
                _space.RollBackTo(mark);
                _room.Make(e, what, AbortIt);
            }
        }

        _earlyPages += pages;
        ListEarly(new(run.Page, pages, run.Crc));
        Cover(_space.PageCount);
        return run;
    }

    private void ListEarly(WrittenPages run)
    {
        if (_savepoints.Count > 0 || _earlyPages > RunList.MaxRuns)
        {
            GiveListUp();
        }
        else if (!HasUnlistedPages)
        {
            _earlyRuns.Add(run.Page, run);
        }
    }

    /// <summary>
    /// What was written early is not known exactly any more: there are too many pages, others than values, or a
    /// rollback may give some back.
    /// </summary>
    private void GiveListUp()
    {
        HasUnlistedPages = true;
        _earlyRuns.Clear();
    }

    private void ForgetEarly()
    {
        HasUnlistedPages = false;
        _earlyRuns.Clear();
        _earlyPages = 0;
    }
}
