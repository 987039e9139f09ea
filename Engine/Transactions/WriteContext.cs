using System.Diagnostics;
using Engine.Pages;
using Engine.Space;
using Engine.Storage;
using Engine.Trees;

namespace Engine.Transactions;

/// <summary>
/// A write transaction under way: the trees that it has touched, its dirty pages, and what it takes from and gives to
/// the space manager. One per database, reused; whoever holds the writer gate uses it. After any failure in the middle
/// of a change it can only be aborted.
/// </summary>
internal sealed partial class WriteContext : IPageSpace, IDisposable
{
    private readonly int _pageSize;
    private readonly int _maxKeyLength;
    private readonly DatabaseOptions _options;
    private readonly SpaceManager _space;
    private readonly VerifiedPages _verified;
    private readonly MapGenerations _maps;
    private readonly Room _room;
    private readonly Action _beforeEarly;
    private readonly DirtyList _dirty;
    private readonly PageSource _source;

    // The names that this transaction has touched, in order, and by name. One that is absent has no editor.
    private List<NamedTree> _touched = [];
    private Dictionary<string, NamedTree> _named = NewNames();

    private PublishedState _base = null!;
    private bool _namesChanged;
    private ulong _earlyPages;

    // How often names came to mean another tree in this transaction, or it was rolled back.
    private long _rebinds;

    /// <param name="core">The database.</param>
    /// <param name="file">Writes pages.</param>
    /// <param name="space">The allocator.</param>
    /// <param name="room">Makes room.</param>
    /// <param name="beforeEarly">
    /// Called before pages are written that are not part of a commit: whose commit is still to come must be committed
    /// by then.
    /// </param>
    public WriteContext(DatabaseCore core, PageFile file, SpaceManager space, Room room, Action beforeEarly)
    {
        _beforeEarly = beforeEarly;
        _pageSize = core.PageSize;
        _maxKeyLength = PageLayout.MaxKeyLength(_pageSize);
        _options = core.Options;
        _space = space;
        _verified = core.VerifiedPages;
        _maps = core.Maps;
        _room = room;
        _dirty = new DirtyList(_pageSize);
        _source = new PageSource(_pageSize);
        Pages = new CommitWriter(_dirty, space, file, _pageSize, _options.Space.InlineRunsLimit);
        Main = new TreeEditor(_source, _dirty, this, default);
        Catalog = new TreeEditor(_source, _dirty, this, default);
        View = new WriterView(_source, this);
    }

    public ulong TransactionId { get; private set; }

    /// <summary>Whether it runs, and who is in it.</summary>
    public TransactionState State { get; } = new();

    /// <summary>The default tree.</summary>
    public TreeEditor Main { get; }

    /// <summary>The tree of names.</summary>
    public TreeEditor Catalog { get; }

    /// <summary>The id that the next new tree will have.</summary>
    public ulong NextTreeId { get; private set; }

    /// <summary>Brings the dirty pages into the file.</summary>
    public CommitWriter Pages { get; }

    /// <summary>What callbacks read this transaction through; its epoch moves when one has returned.</summary>
    public WriterView View { get; }

    public bool IsRunning => TransactionId != 0;

    /// <summary>Who has the transaction, for messages.</summary>
    public WriterNote Note { get; } = new();

    /// <summary>At most so many bytes of pages will a commit have written.</summary>
    public long BytesToWrite => _dirty.UsedBytes + ((long)_earlyPages * _pageSize);

    /// <summary>Starts the first transaction of a commit, on top of a state.</summary>
    /// <param name="state">The state.</param>
    /// <param name="transactionId">The id that the next one will have.</param>
    /// <param name="origin">Where it was begun, if that is to be known.</param>
    public void Begin(PublishedState state, ulong transactionId, StackTrace? origin)
    {
        _space.Begin(transactionId);
        _space.AvoidGrowth = false;
        Note.Begin(transactionId, _options.Clock(), origin);
        State.Begin();
        TransactionId = transactionId;
        _base = state;
        _mayHaveNames = state.HasNames;
        NextTreeId = state.NextTreeId;
        ForgetEarly();
        _isLookedInto = false;
        _namesChanged = false;
        _rebinds = 0;
        ForgetTaken();
        ForgetExpiringWrites();
        state.Attach(_source, _verified, _dirty);
        Main.Reset(state.Main);
        Catalog.Reset(state.Catalog);
    }

    /// <summary>
    /// Forgets everything since <see cref="Begin"/>; the pages in the file were referred to by nothing.
    /// </summary>
    public void Abort()
    {
        if (IsRunning)
        {
            _space.Abort();
            End();
        }
    }

    public void Dispose() => _dirty.Dispose();

    public bool Put(TreeName tree, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, PutMode mode)
    {
        CheckKey(key);
        return Put(EditorToPut(tree), key, value, mode);
    }

    private bool Put(TreeEditor editor, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, PutMode mode)
    {
        try
        {
            if (IsWrittenEarly(value.Length))
            {
                if (mode == PutMode.AddOnly && Contains(editor, key))
                {
                    return false;
                }

                return PutEarly(editor, key, value);
            }

            if (editor.TryAppend(key, value) == AppendResult.Done)
            {
                return true;
            }

            if (!editor.Put(key, value.Length, mode, null, out var destination))
            {
                return false;
            }

            value.CopyTo(destination);
            CompleteChange();
            return true;
        }
        catch (Exception e)
        {
            State.Fail(e);
            throw;
        }
    }

    /// <summary>Puts an entry behind all others of a tree if that is all there is to do.</summary>
    public AppendResult TryAppend(TreeName tree, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, int load)
    {
        CheckKey(key);
        return EditorToPut(tree).TryAppend(key, value, load);
    }

    /// <summary>
    /// Puts a value whose bytes a callback fills in place. It sees zeros, never what lay in the buffer before.
    /// </summary>
    public void Put<TState>(
        TreeName tree, ReadOnlySpan<byte> key, int length, TState state, System.Buffers.SpanAction<byte, TState> fill)
        where TState : allows ref struct
    {
        CheckKey(key);
        var editor = EditorToPut(tree);
        try
        {
            if (IsWrittenEarly(length))
            {
                var run = StartEarly(length);
                Fill(_dirty.Get(run.Page).OverflowValue(run.Length), state, fill);
                PutEarly(editor, key, run);
                return;
            }

            editor.Put(key, length, PutMode.Overwrite, null, out var destination);
            Fill(destination, state, fill);
            CompleteChange();
        }
        catch (Exception e)
        {
            State.Fail(e);
            throw;
        }
    }

    public bool Delete(TreeName tree, ReadOnlySpan<byte> key) =>
        key.Length <= _maxKeyLength && Delete(EditorToDelete(tree), key);

    private bool Delete(TreeEditor editor, ReadOnlySpan<byte> key)
    {
        try
        {
            var isDeleted = editor.Delete(key);
            if (isDeleted)
            {
                CompleteChange();
            }

            return isDeleted;
        }
        catch (Exception e)
        {
            State.Fail(e);
            throw;
        }
    }

    public ulong DeleteRange(TreeName tree, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, bool hasTo)
    {
        var editor = EditorToDelete(tree);
        try
        {
            var deleted = editor.DeleteRange(from, to, hasTo);
            if (deleted != 0)
            {
                CompleteChange();
            }

            return deleted;
        }
        catch (Exception e)
        {
            State.Fail(e);
            throw;
        }
    }

    /// <summary>Removes all entries of a tree, which stays, and of its time index if it has one.</summary>
    public ulong Clear(TreeName tree)
    {
        var editor = EditorToClear(tree);
        try
        {
            ClearTimesOf(tree);
            var entries = editor.Clear();
            CompleteChange();
            return entries;
        }
        catch (Exception e)
        {
            State.Fail(e);
            throw;
        }
    }

    void IPageSpace.Free(ulong page, ulong pages, ulong birth)
    {
        if (birth == TransactionId)
        {
            _earlyRuns.Remove(page);
        }

        _space.Free(new Extent(page, pages), birth);
    }

    private void Fill<TState>(Span<byte> value, TState state, System.Buffers.SpanAction<byte, TState> fill)
        where TState : allows ref struct
    {
        value.Clear();
        State.BeginFillCallback();
        try
        {
            fill(value, state);
        }
        finally
        {
            State.EndCallback();
        }
    }

    private void CheckKey(ReadOnlySpan<byte> key)
    {
        if (key.Length > _maxKeyLength)
        {
            throw new KeyTooLongException(key.Length, _maxKeyLength);
        }
    }

    private void End()
    {
        State.End();
        TransactionId = 0;
        HasMembers = false;
        _isListRunFree = false;
        IsNumbered = false;
        _member = 0;
        ForgetSavepoints();
        ForgetExpiringWrites();
        ForgetNames();
        ForgetSnapshots();
        Note.End();
        _earlyRuns.Clear();
        _dirty.Clear();
        Pages.Clear();
        _source.Detach();
    }
}
