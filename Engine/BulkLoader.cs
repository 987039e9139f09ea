using Engine.Pages;
using Engine.Sorting;
using Engine.Transactions;
using Engine.Trees;

namespace Engine;

/// <summary>
/// Loads many entries into one tree of a write transaction, in memory that does not depend on their number. While the
/// keys ascend they are put at once, which fills the pages; from the first key that does not ascend, they are sorted
/// first, outside memory if need be. Of equal keys the one that was added last remains; entries that the tree had
/// before are kept or replaced, as by <see cref="TreeWriter.Put(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>. Nothing is
/// committed: that is the transaction's business. Serves one thread at a time.
/// </summary>
/// <remarks>
/// Call <see cref="Complete()"/> before the commit. A commit while the load is open is refused, and the transaction
/// stays open. A loader to which entries were added and that is disposed without having been completed, or whose
/// completion fails, has abandoned its load, whether or not some of its entries were still to be sorted: its
/// transaction can only be aborted then.
/// </remarks>
public sealed class BulkLoader : IDisposable, ILoad
{
    /// <summary>
    /// Larger values are put at once and not sorted: moving them about costs more than their place in the tree.
    /// </summary>
    private const int LargeValue = 64 * 1024;

    /// <summary>Sorted entries between two calls of who waits for them.</summary>
    private const int CallSteps = 256;

    private readonly WriteTransaction _transaction;
    private readonly Tree _tree;
    private readonly BulkLoadOptions _options;
    private int _load;
    private byte[] _lastKey = [];
    private int _lastLength = -1;
    private ExternalSorter? _sorter;
    private bool _isEnded;

    /// <summary>Whether it ended because its transaction was rolled back to before it.</summary>
    private bool _isUndone;

    /// <summary>Whether the last key was set behind all others of the tree, and so is not remembered here.</summary>
    private bool _isLastAppended;

    internal BulkLoader(WriteTransaction transaction, Tree tree, BulkLoadOptions options)
    {
        _transaction = transaction;
        _tree = tree;
        _options = options;
    }

    /// <summary>Entries added so far, duplicates included.</summary>
    public long Added { get; private set; }

    /// <summary>Whether a key did not ascend: what is added from then on is put by <see cref="Complete()"/>.</summary>
    internal bool IsSorting => _sorter is not null;

    bool ILoad.IsSorting => IsSorting;

    int ILoad.Number
    {
        get => _load;
        set => _load = value;
    }

    /// <summary>Adds an entry.</summary>
    /// <param name="key">Up to <see cref="Database.MaxKeyLength"/> bytes; may be empty.</param>
    /// <param name="value">Up to 2,147,483,647 bytes; may be empty.</param>
    /// <exception cref="KeyTooLongException">The key is too long; nothing was added.</exception>
    /// <exception cref="DatabaseFullException">The disk is full; the transaction can only be aborted.</exception>
    /// <exception cref="DatabaseException">
    /// The temporary file could not be written; the transaction can only be aborted.
    /// </exception>
    /// <exception cref="InvalidOperationException">The load has been completed or disposed.</exception>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        RequireOpen();
        if (_sorter is null)
        {
            var result = _transaction[_tree].TryAppend(key, value, _load);
            if (result == AppendResult.Done)
            {
                _isLastAppended = true;
                Added++;
                return;
            }

            PutOrSort(key, value, result);
        }
        else
        {
            CheckKey(key);
            AddToSort(key, value);
        }

        Added++;
    }

    /// <summary>Adds to a time index when an entry of its tree expires; nothing if it never does.</summary>
    /// <param name="key">The entry's key.</param>
    /// <param name="stored">Its value as it is stored, with the time before it.</param>
    internal void AddTimeOf(ReadOnlySpan<byte> key, ReadOnlySpan<byte> stored)
    {
        const int OnStack = 1024;
        var time = ExpiryForm.TimeOf(stored);
        if (time != ExpiryForm.Never)
        {
            Add(ExpiryForm.IndexKey(time, key, stackalloc byte[OnStack]), default);
        }
    }

    /// <summary>
    /// Puts what is still to be sorted, and ends the load. If this fails, the transaction can only be aborted.
    /// </summary>
    public void Complete() => Complete(null);

    /// <inheritdoc cref="Complete()"/>
    /// <param name="step">
    /// Called now and then, because this may take as long as all the adding. If it throws, the transaction can only be
    /// aborted.
    /// </param>
    internal void Complete(Action? step)
    {
        RequireOpen();
        _transaction.RequireWritable();
        try
        {
            PutSorted(step);
        }
        catch (Exception e)
        {
            Abandon(e);
            throw;
        }

        End(null);
    }

    /// <summary>
    /// Ends the load, and deletes the temporary file. If there were entries and it was not completed, the load is
    /// abandoned: the transaction can only be aborted. Disposing again, or after the transaction has ended, does
    /// nothing else.
    /// </summary>
    public void Dispose()
    {
        if (_isEnded)
        {
            return;
        }

        try
        {
            End(Added == 0 ? null : new InvalidOperationException(
                $"A bulk load of {Added:N0} entries was disposed without BulkLoader.Complete, "
                + "so some of them may not be in their tree."));
        }
        catch (ObjectDisposedException)
        {
            // The transaction ended before it: nothing can be committed any more, with or without the entries.
            Release();
        }
    }

    void ILoad.RollBackTo(long added)
    {
        Added = added;
        ForgetSorter();
        _isLastAppended = false;
        _lastLength = -1;
    }

    void ILoad.Undo()
    {
        _isUndone = true;
        Release();
    }

    private void PutSorted(Action? step)
    {
        if (_sorter is not { } sorter)
        {
            return;
        }

        sorter.Sort();
        for (var entries = 1L; sorter.MoveNext(); entries++)
        {
            if (entries % CallSteps == 0)
            {
                step?.Invoke();
            }

            if (!sorter.IsElsewhere)
            {
                Put(sorter.Key, sorter.Value);
            }
        }
    }

    /// <summary>Ends the load, after a failure.</summary>
    private void Abandon(Exception reason)
    {
        try
        {
            End(reason);
        }
        catch (ObjectDisposedException)
        {
            // The failure is that the transaction has ended.
            Release();
        }
    }

    private void End(Exception? incomplete)
    {
        _transaction.EndLoad(this, incomplete);
        Release();
    }

    private void Release()
    {
        _isEnded = true;
        ForgetSorter();
    }

    private void ForgetSorter()
    {
        _sorter?.Dispose();
        _sorter = null;
    }

    private void PutOrSort(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, AppendResult result)
    {
        if (Ascends(key, result))
        {
            PutNow(key, value);
            Remember(key);
        }
        else
        {
            AddToSort(key, value);
        }
    }

    private void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (_transaction[_tree].TryAppend(key, value, _load) != AppendResult.Done)
        {
            PutNow(key, value);
        }
    }

    private void PutNow(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        _transaction[_tree].Put(key, value);
        _transaction.SpillAbove(_options.Window);
    }

    /// <summary>
    /// Whether a key is above the one that was added last. If that is not known, it counts as such, and is put at once,
    /// which is right, too.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="result">Why it could not simply be set behind the tree's last one.</param>
    private bool Ascends(ReadOnlySpan<byte> key, AppendResult result)
    {
        if (_isLastAppended)
        {
            // The last key was not remembered: it was compared with in the tree, unless others have put larger ones.
            _isLastAppended = false;
            return result != AppendResult.NotAbove;
        }

        return _lastLength < 0 || _lastKey.AsSpan(0, _lastLength).SequenceCompareTo(key) < 0;
    }

    private void Remember(ReadOnlySpan<byte> key)
    {
        if (key.Length > _lastKey.Length)
        {
            _lastKey = new byte[Math.Max(key.Length, 2 * _lastKey.Length)];
        }

        key.CopyTo(_lastKey);
        _lastLength = key.Length;
    }

    private void CheckKey(ReadOnlySpan<byte> key)
    {
        var limit = _transaction.Database.MaxKeyLength;
        if (key.Length > limit)
        {
            throw new KeyTooLongException(key.Length, limit);
        }
    }

    private void AddToSort(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        _sorter ??= new ExternalSorter(_options.SortMemory, _options.TempDirectory);
        var isLarge = value.Length > Math.Min(LargeValue, _options.SortMemory / 4);
        if (isLarge)
        {
            _transaction[_tree].Put(key, value);
        }

        try
        {
            _sorter.Add(key, isLarge ? default : value, isElsewhere: isLarge);
        }
        catch (Exception e)
        {
            // What was to be sorted is in pieces.
            Abandon(e);
            throw;
        }
    }

    private void RequireOpen()
    {
        if (_isUndone)
        {
            throw new InvalidOperationException(
                "The transaction was rolled back to a savepoint from before this load, so there is nothing left of it. "
                + "Begin another one with TreeWriter.BeginLoad.");
        }

        if (_isEnded)
        {
            throw new InvalidOperationException(
                "The load has ended (completed, disposed, or failed). Begin another one with TreeWriter.BeginLoad.");
        }
    }
}
