using System.Diagnostics;
using Engine.Pages;
using Engine.Space;
using Engine.Storage;
using Engine.Trees;

namespace Engine.Transactions;

/// <summary>
/// A write transaction under way: the trees that it has touched, its dirty pages, and what it takes from and gives to the space manager. One per database,
/// reused; whoever holds the writer gate uses it. After any failure in the middle of a change it can only be aborted.
/// </summary>
internal sealed partial class WriteContext : ITreeResolver, IPageSpace, IDisposable
{
    private readonly int _pageSize;
    private readonly int _maxKeyLength;
    private readonly CoreOptions _options;
    private readonly SpaceManager _space;
    private readonly VerifiedPages _verified;
    private readonly MapGenerations _maps;
    private readonly Func<bool> _makeRoom;
    private readonly DirtyList _dirty;
    private readonly PageArena _stagingArena;
    private readonly PageSource _source;
    private readonly CommitWriter _writer;
    private readonly TreeEditor _main;
    private readonly TreeEditor _catalog;

    // The names that this transaction has touched, in order, and by name. One that is absent has no editor.
    private List<NamedTree> _touched = [];
    private Dictionary<string, NamedTree> _named = NewNames();

    private PublishedState _base = null!;
    private ulong _nextTreeId;
    private bool _wroteEarly;
    private bool _namesChanged;
    private ulong _earlyPages;

    // How often names came to mean another tree in this transaction.
    private long _rebinds;
    private long _serials;

    public WriteContext(
        int pageSize,
        CoreOptions options,
        PageFile file,
        SpaceManager space,
        VerifiedPages verified,
        MapGenerations maps,
        Func<bool> makeRoom)
    {
        _pageSize = pageSize;
        _maxKeyLength = PageLayout.MaxKeyLength(pageSize);
        _options = options;
        _space = space;
        _verified = verified;
        _maps = maps;
        _makeRoom = makeRoom;
        _dirty = new DirtyList(pageSize);
        _stagingArena = new PageArena(pageSize);
        _source = new PageSource(pageSize);
        _writer = new CommitWriter(_dirty, space, file, _stagingArena, pageSize);
        _main = new TreeEditor(_source, _dirty, this, default);
        _catalog = new TreeEditor(_source, _dirty, this, default);
        View = new ReaderContext(_source, this);
    }

    public ulong TransactionId { get; private set; }

    /// <summary>What callbacks read this transaction through; its epoch moves when one has returned.</summary>
    public ReaderContext View { get; }

    /// <summary>The failure in the middle of a change or of a load, after which the trees may be in pieces, or lack entries.</summary>
    public Exception? Failure { get; private set; }

    public bool IsRunning => TransactionId != 0;

    /// <summary>Who has the transaction, for messages.</summary>
    public WriterNote Note { get; } = new();

    /// <summary>At most so many bytes of pages will a commit have written.</summary>
    public long BytesToWrite => _dirty.UsedBytes + ((long)_earlyPages * _pageSize);

    /// <summary>
    /// Names the transaction that runs, never to be used again, where ids are (an aborted one's); zero between transactions. So whoever still holds an ended
    /// transaction tells it from this alone, and disturbs nobody while the next one begins.
    /// </summary>
    public long Serial { get; private set; }

    TreeRecord ITreeResolver.Catalog => _catalog.Record;

    /// <summary>Starts a transaction on top of a state.</summary>
    /// <param name="state">The state.</param>
    /// <param name="transactionId">The id that the next one will have.</param>
    /// <param name="origin">Where it was begun, if that is to be known.</param>
    public void Begin(PublishedState state, ulong transactionId, StackTrace? origin)
    {
        _space.Begin(transactionId);
        _space.AvoidGrowth = false;
        Note.Begin(transactionId, _options.Clock(), origin);
        Serial = ++_serials;
        TransactionId = transactionId;
        _base = state;
        _nextTreeId = state.NextTreeId;
        _wroteEarly = false;
        _isLookedInto = false;
        _namesChanged = false;
        _earlyPages = 0;
        _rebinds = 0;
        _openLoads = 0;
        Failure = null;
        state.Attach(_source, _verified, _dirty);
        _main.Reset(state.Main);
        _catalog.Reset(state.Catalog);
    }

    /// <summary>Forgets the transaction; its pages in the file were referred to by nothing.</summary>
    public void Abort()
    {
        if (IsRunning)
        {
            _space.Abort();
            End();
        }
    }

    public void Dispose()
    {
        _dirty.Dispose();
        _stagingArena.Dispose();
    }

    public bool Put(TreeName tree, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, PutMode mode)
    {
        CheckKey(key);
        var editor = Editor(tree);
        try
        {
            if (value.Length > _options.EarlyWriteThreshold)
            {
                if (mode == PutMode.AddOnly && Contains(editor, key))
                {
                    return false;
                }

                var run = StartEarly(value.Length);
                value.CopyTo(_dirty.Get(run.Page).OverflowValue(run.Length));
                return PutEarly(editor, key, run);
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
        catch (Exception e) when (Fail(e))
        {
            throw;
        }
    }

    /// <summary>Puts an entry behind all others of a tree if that is all there is to do.</summary>
    public AppendResult TryAppend(TreeName tree, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        CheckKey(key);
        return Editor(tree).TryAppend(key, value);
    }

    /// <summary>Puts a value whose bytes a callback fills in place. It sees zeros, never what lay in the buffer before.</summary>
    public void Put<TState>(TreeName tree, ReadOnlySpan<byte> key, int length, TState state, System.Buffers.SpanAction<byte, TState> fill)
        where TState : allows ref struct
    {
        CheckKey(key);
        var editor = Editor(tree);
        try
        {
            if (length > _options.EarlyWriteThreshold)
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
        catch (Exception e) when (Fail(e))
        {
            throw;
        }
    }

    public bool Delete(TreeName tree, ReadOnlySpan<byte> key)
    {
        if (key.Length > _maxKeyLength)
        {
            return false;
        }

        var editor = Editor(tree);
        try
        {
            var isDeleted = editor.Delete(key);
            if (isDeleted)
            {
                CompleteChange();
            }

            return isDeleted;
        }
        catch (Exception e) when (Fail(e))
        {
            throw;
        }
    }

    public ulong DeleteRange(TreeName tree, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, bool hasTo)
    {
        var editor = Editor(tree);
        try
        {
            var deleted = editor.DeleteRange(from, to, hasTo);
            if (deleted != 0)
            {
                CompleteChange();
            }

            return deleted;
        }
        catch (Exception e) when (Fail(e))
        {
            throw;
        }
    }

    /// <summary>Removes all entries of a tree, which stays.</summary>
    public ulong Clear(TreeName tree)
    {
        var editor = Editor(tree);
        try
        {
            var entries = editor.Clear();
            CompleteChange();
            return entries;
        }
        catch (Exception e) when (Fail(e))
        {
            throw;
        }
    }

    void IPageSpace.Free(ulong page, ulong pages, ulong birth) => _space.Free(new Extent(page, pages), birth);

    private void CheckKey(ReadOnlySpan<byte> key)
    {
        if (key.Length > _maxKeyLength)
        {
            throw new KeyTooLongException(key.Length, _maxKeyLength);
        }
    }

    private void End()
    {
        Serial = 0;
        TransactionId = 0;
        ForgetNames();
        Note.End();
        _dirty.Clear();
        _writer.Clear();
        _source.Detach();
    }

    /// <summary>Notes a failure that may have left a tree in pieces. Refusals before any change are none.</summary>
    private bool Fail(Exception e)
    {
        if (e is not (KeyTooLongException or ValueTooLongException or TreeNotFoundException or TreeExistsException))
        {
            Failure = e;
        }

        return false;
    }
}
