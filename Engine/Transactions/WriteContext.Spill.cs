using Engine.Pages;
using Engine.Storage;
using Engine.Trees;

namespace Engine.Transactions;

/// <content>
/// Transactions larger than their memory. Spilling writes every dirty page to pages that nothing names, as a commit does, and goes on with trees whose pages
/// are clean, were born in this transaction, and are free at once when they are changed again. An abort gives them back. Recovery never verifies so much:
/// the commit will be an ordered one.
/// </content>
internal sealed partial class WriteContext
{
    /// <summary>Spills before the memory is full: for who knows that its pages will not be touched again.</summary>
    public void SpillAbove(long bytes)
    {
        try
        {
            CompleteChange(bytes);
        }
        catch (Exception e) when (Fail(e))
        {
            throw;
        }
    }

    /// <summary>
    /// Called when an operation is complete, never in its middle: buffers that arguments may lie in, and that a callback fills, are used again after spilling.
    /// </summary>
    private void CompleteChange() => CompleteChange(_options.TransactionMemory);

    private void CompleteChange(long memory)
    {
        if (_dirty.UsedBytes > memory)
        {
            Spill();
        }
    }

    private void Spill()
    {
        for (var isRetry = false; ; isRetry = true)
        {
            try
            {
                NumberAndComplete(isCommit: false);
                _writer.Write(_space.PageCount, []);
                break;
            }
            catch (StorageWriteException e)
            {
                if (e.IsFull && !isRetry)
                {
                    TakeNumbersBack();
                    if (_makeRoom())
                    {
                        continue;
                    }
                }

                throw NotWritten("What the transaction has changed so far", e);
            }
        }

        _writer.MarkWritten();
        _wroteEarly = true;
        _earlyPages += _writer.Pages;
        _writer.Clear();
        _dirty.Rewind();
        Cover(_space.PageCount);
        Moved(_main);
        Moved(_catalog);
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

    /// <summary>What a failed write before the commit means to the caller.</summary>
    private static DatabaseException NotWritten(string what, StorageWriteException e) => e.IsFull
        ? new DatabaseFullException($"{what} could not be written, because there is no room: {e.Message} Abort the transaction; nothing committed is lost. Free some space and try again.", e)
        : new DatabaseException($"{what} could not be written: {e.Message} Abort the transaction; nothing committed is lost.", e);
}
