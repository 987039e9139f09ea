using Engine.Pages;
using Engine.Storage;
using Engine.Trees;

namespace Engine.Transactions;

/// <content> Transactions larger than their memory. Spilling writes every dirty page to pages that nothing names, as a
/// commit does, and goes on with trees whose pages are clean, were born in this transaction, and are free at once when
/// they are changed again. An abort gives them back. Recovery never verifies so much: the commit will be an ordered
/// one. </content>
internal sealed partial class WriteContext
{
    private const string AbortIt = "The transaction can only be aborted.";

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
        if (_dirty.UsedBytes > memory)
        {
            Spill();
        }
    }

    private void Spill()
    {
        WriteOrMakeRoom();
        Pages.MarkWritten();
        HasWrittenEarly = true;
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
                SumTrees();
                SumRoots();
                Pages.Write(_space.PageCount, []);
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
}
