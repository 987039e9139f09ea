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
    private readonly IStorageFile _file;
    private readonly FileGrowth _growth;
    private readonly SpaceManager _space;
    private readonly VerifiedPages _verified;
    private readonly Func<long, MapGeneration> _mapCovering;
    private readonly Func<bool> _makeRoom;
    private readonly DirtyList _dirty;
    private readonly PageArena _stagingArena;
    private readonly PageSource _source;
    private readonly CommitWriter _writer;
    private readonly TreeWriter _main;
    private readonly TreeWriter _catalog;

    // By handle index: the named trees that this transaction has touched. A name that was looked up and is absent has an entry without writer.
    private readonly List<NamedTree?> _named = [];
    private readonly List<NamedTree> _touched = [];

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
        IStorageFile file,
        FileGrowth growth,
        SpaceManager space,
        VerifiedPages verified,
        Func<long, MapGeneration> mapCovering,
        Func<bool> makeRoom)
    {
        _pageSize = pageSize;
        _maxKeyLength = PageLayout.MaxKeyLength(pageSize);
        _options = options;
        _file = file;
        _growth = growth;
        _space = space;
        _verified = verified;
        _mapCovering = mapCovering;
        _makeRoom = makeRoom;
        _dirty = new DirtyList(pageSize);
        _stagingArena = new PageArena(pageSize);
        _source = new PageSource(pageSize);
        _writer = new CommitWriter(_dirty, space, _stagingArena, pageSize);
        _main = new TreeWriter(_source, _dirty, this, default);
        _catalog = new TreeWriter(_source, _dirty, this, default);
        View = new ReaderContext(_source, this);
    }

    public ulong TransactionId { get; private set; }

    /// <summary>What views of this transaction read through; its epoch moves with every change.</summary>
    public ReaderContext View { get; }

    /// <summary>The failure in the middle of a change, after which the trees may be in pieces.</summary>
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
        _namesChanged = false;
        _earlyPages = 0;
        _rebinds = 0;
        Failure = null;
        state.Attach(_source, _verified, _dirty);
        _main.Reset(state.Main);
        _catalog.Reset(state.Catalog);
        View.AttachWriter(transactionId, state.Main);
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

    /// <summary>Forgets a transaction whose owner may still hold spans of its views, because the database is being closed: the memory under them stays.</summary>
    public void Abandon()
    {
        if (IsRunning)
        {
            _space.Abort();
            Serial = 0;
            TransactionId = 0;
            Note.End();
            View.Epoch++;
            _dirty.Abandon();
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
        var writer = Writer(tree);
        try
        {
            if (value.Length > _options.EarlyWriteThreshold)
            {
                if (mode == PutMode.AddOnly && Contains(writer, key))
                {
                    return false;
                }

                var run = StartEarly(value.Length);
                value.CopyTo(_dirty.Get(run.Page).OverflowValue(run.Length));
                return PutEarly(writer, key, run);
            }

            if (writer.TryAppend(key, value) == AppendResult.Done)
            {
                Appended();
                return true;
            }

            if (!writer.Put(key, value.Length, mode, null, ref value, out var destination))
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
        var result = Writer(tree).TryAppend(key, value);
        if (result == AppendResult.Done)
        {
            Appended();
        }

        return result;
    }

    /// <summary>Puts a value whose bytes a callback fills in place. It sees zeros, never what lay in the buffer before.</summary>
    public void Put<TState>(TreeName tree, ReadOnlySpan<byte> key, int length, TState state, System.Buffers.SpanAction<byte, TState> fill)
        where TState : allows ref struct
    {
        CheckKey(key);
        var writer = Writer(tree);
        try
        {
            if (length > _options.EarlyWriteThreshold)
            {
                var run = StartEarly(length);
                Fill(_dirty.Get(run.Page).OverflowValue(run.Length), state, fill);
                PutEarly(writer, key, run);
                return;
            }

            ReadOnlySpan<byte> none = default;
            writer.Put(key, length, PutMode.Overwrite, null, ref none, out var destination);
            Changed();
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

        var writer = Writer(tree);
        try
        {
            var isDeleted = writer.Delete(key);
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
        var writer = Writer(tree);
        try
        {
            var deleted = writer.DeleteRange(from, to, hasTo);
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
    public ulong Truncate(TreeName tree)
    {
        var writer = Writer(tree);
        try
        {
            var entries = writer.Clear();
            CompleteChange();
            return entries;
        }
        catch (Exception e) when (Fail(e))
        {
            throw;
        }
    }

    /// <summary>
    /// What a cursor compares to know that it must seek again: the tree's change counter, and how often names were rebound, because another tree under the
    /// cursor's name may have counted as far as the one before it. No transaction makes 2^40 changes.
    /// </summary>
    public long ChangesOf(TreeName tree) => Writer(tree).Changes + (_rebinds << 40);

    /// <summary>A cursor on the tree as it is now.</summary>
    public TreeCursor NewCursor(TreeName tree) => new(_source, Writer(tree).Record);

    /// <summary>The tree as it is now, its own writes included.</summary>
    public bool TryResolve(TreeName tree, out TreeRecord record)
    {
        var writer = Find(tree);
        record = writer?.Record ?? default;
        return writer is not null;
    }

    void IPageSpace.Free(ulong page, ulong pages, ulong birth) => _space.Free(new Extent(page, pages), birth);

    private bool Contains(TreeWriter writer, ReadOnlySpan<byte> key) =>
        TreeSearch.Find(_source, writer.Record.Root, writer.Record.RootCrc, writer.Record.Depth, key, out _) >= 0;

    private void CheckKey(ReadOnlySpan<byte> key)
    {
        if (key.Length > _maxKeyLength)
        {
            throw new KeyTooLongException(key.Length, _maxKeyLength);
        }
    }

    /// <summary>Every change makes views of the transaction stale.</summary>
    private void Changed()
    {
        View.Epoch++;
        View.Main = _main.Record;
    }

    /// <summary>A change that left every page where it is: there is nothing to spill, and only a count moved.</summary>
    private void Appended()
    {
        View.Epoch++;
        View.Main.Entries = _main.Record.Entries;
    }

    private void End()
    {
        Serial = 0;
        TransactionId = 0;
        Note.End();
        View.Epoch++;
        foreach (var tree in _touched)
        {
            _named[tree.Name.Index] = null;
        }

        _touched.Clear();
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

        if (Failure is not null)
        {
            // Views would look at the pieces.
            View.Epoch++;
        }

        return false;
    }
}
