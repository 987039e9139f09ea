using Engine.Pages;
using Engine.Space;
using Engine.Storage;
using Engine.Trees;

namespace Engine.Transactions;

/// <content>Values that are written when they are put, not at commit.</content>
internal sealed partial class WriteContext
{
    /// <summary>A buffer for a large value; it is given back as soon as the value is written.</summary>
    private OverflowReference StartEarly(int length) =>
        _dirty.AddRun(length, PageLayout.OverflowPages((uint)length, _pageSize));

    /// <summary>
    /// Writes a large value now, so that a transaction of many large values needs memory for one. Nothing refers to its
    /// pages before the commit, and an abort gives them back.
    /// </summary>
    private bool PutEarly(TreeEditor editor, ReadOnlySpan<byte> key, OverflowReference dirty)
    {
        ref var entry = ref _dirty[dirty.Page];
        var run = WriteEarly(ref entry, dirty.Length);
        HasWrittenEarly = true;
        _earlyPages += entry.Pages;
        _dirty.DropRun(dirty.Page);
        Cover(_space.PageCount);
        editor.Put(key, (int)run.Length, PutMode.Overwrite, run, out _);
        CompleteChange();
        return true;
    }

    private OverflowReference WriteEarly(ref DirtyEntry entry, uint length)
    {
        for (var isRetry = false; ; isRetry = true)
        {
            var mark = _space.Mark();
            entry.Number = _space.TakeRun(entry.Pages).Start;
            try
            {
                return Pages.WriteRun(ref entry, length, _space.PageCount, TransactionId);
            }
            catch (StorageWriteException e)
            {
                var what = $"A value of {length:N0} bytes";
                _room.RequireFirstFull(e, isRetry, what, AbortIt);
                _space.RollBackTo(mark);
                _room.Make(e, what, AbortIt);
            }
        }
    }
}
