using Engine.Pages;
using Engine.Space;
using Engine.Storage;
using Engine.Trees;

namespace Engine.Transactions;

/// <content>Values that are written when they are put, not at commit.</content>
internal sealed partial class WriteContext
{
    private OverflowReference StartEarly(int length)
    {
        // Refused before anything is taken; the buffer is given back as soon as the value is written.
        var pages = PageLayout.OverflowPages((uint)length, _pageSize);
        ((IPageSpace)this).Reserve((long)pages * _pageSize);
        return _dirty.AddRun(length, pages);
    }

    /// <summary>
    /// Writes a large value now, so that a transaction of many large values needs memory for one. Nothing refers to its pages before the commit, and an abort gives
    /// them back.
    /// </summary>
    private bool PutEarly(TreeWriter writer, ReadOnlySpan<byte> key, OverflowReference dirty)
    {
        ref var entry = ref _dirty[dirty.Page];
        var extent = _space.TakeRun(entry.Pages);
        entry.Number = extent.Start;
        _writer.CompleteRun(ref entry, TransactionId);
        try
        {
            _growth.Ensure(_space.PageCount);
            _verified.Ensure(_space.PageCount);
            _verified.Forget(extent.Start, extent.Length);
            _writer.WriteRun(_file, entry.Page, entry.Number, entry.Pages);
        }
        catch (StorageWriteException e)
        {
            throw e.IsFull
                ? new DatabaseFullException($"There is no room for a value of {dirty.Length:N0} bytes: {e.Message} Abort the transaction; nothing committed is lost. Free some space and try again.", e)
                : new DatabaseException($"A value of {dirty.Length:N0} bytes could not be written: {e.Message} Abort the transaction; nothing committed is lost.", e);
        }

        _wroteEarly = true;
        _earlyPages += entry.Pages;

        var run = new OverflowReference(entry.Number, TransactionId, entry.Crc, dirty.Length);
        _dirty.DropRun(dirty.Page);
        CoverEarly(extent);
        ReadOnlySpan<byte> none = default;
        try
        {
            writer.Put(key, (int)run.Length, PutMode.Overwrite, run, ref none, out _);
        }
        catch (TransactionTooLargeException)
        {
            // Nothing refers to the value: its pages go back.
            _space.Free(extent, TransactionId);
            throw;
        }

        Changed();
        return true;
    }

    /// <summary>After the file grew under a value that was written early: maps it, so that the transaction itself can read the value.</summary>
    private void CoverEarly(Extent run)
    {
        _verified.MarkWritten(run.Start);

        // Tree pages of the base state are not younger than it; those of this transaction are dirty.
        _source.Attach(_mapCovering((long)_space.PageCount * _pageSize), _space.PageCount, _base.Id, _verified, _dirty);
    }
}
