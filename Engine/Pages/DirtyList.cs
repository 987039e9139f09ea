namespace Engine.Pages;

/// <summary>One page or overflow run that a write transaction made and has not written yet.</summary>
internal struct DirtyEntry
{
    public Page Page;

    /// <summary>Pages of the run; 1 for a leaf or branch, 0 for an entry that was dropped.</summary>
    public ulong Pages;

    /// <summary>The page number, assigned at commit; 0 before.</summary>
    public ulong Number;
    public uint Crc;

    /// <summary>
    /// The branch that refers to this leaf or branch, and where: noted when a commit collects its pages. 0 for a root.
    /// </summary>
    public ulong Parent;
    public ushort Index;

    /// <summary>Of a leaf: where inserts go.</summary>
    public InsertRun Inserts;

    /// <summary>
    /// Of a page of a counted tree: which counting has noted its entries in its parent; 0 if they have changed since.
    /// </summary>
    public long CountedIn;

    /// <summary>
    /// The newest savepoint that the entry need not be saved for: it was saved since, or is not older.
    /// </summary>
    public long SavedAt;
}

/// <summary>
/// The pages of a write transaction that have no page number yet. A reference with <see cref="PageSource.DirtyBit"/> is
/// an index into this list, so finding a dirty page is an array access and aborting is forgetting the list. Buffers are
/// not reused before the transaction ends.
/// </summary>
internal sealed partial class DirtyList : IDisposable
{
    /// <summary>The length of <see cref="PieceBuffer"/>.</summary>
    public const int PieceBytes = 256 * 1024;

    private readonly int _pageSize;
    private readonly PageArena _arena;
    private readonly PageArena _runArena;
    private readonly PageArena _scratchArena;
    private DirtyEntry[] _entries = new DirtyEntry[64];
    private Page _spare;
    private Page _pieceBuffer;

    public DirtyList(int pageSize)
    {
        _pageSize = pageSize;
        _arena = new PageArena(pageSize);
        _runArena = new PageArena(pageSize);
        _images = new PageArena(pageSize);
        _scratchArena = new PageArena(pageSize);
        Scratch = _scratchArena.Allocate(1);
    }

    /// <summary>A page of memory for rebuilding, owned by whoever edits right now.</summary>
    public Page Scratch { get; }

    /// <summary>Memory for a piece of a large value, owned by whoever writes that.</summary>
    public Page PieceBuffer => _pieceBuffer.IsNull
        ? _pieceBuffer = _scratchArena.Allocate((ulong)(PieceBytes / _pageSize))
        : _pieceBuffer;

    /// <summary>Entries ever added in this transaction, dropped ones included.</summary>
    public int Count { get; private set; }

    /// <summary>Entries that were not dropped: what a commit must visit, or something leaked.</summary>
    public int LiveCount { get; private set; }

    /// <summary>Whether overflow runs were ever added: if not, nobody needs to look for them.</summary>
    public bool HasRuns { get; private set; }

    /// <summary>Memory that the transaction holds, in bytes.</summary>
    public long UsedBytes => _arena.Used + _runArena.Used;

    /// <summary>How much of it is that of overflow runs, dropped ones included.</summary>
    public long RunBytes => _runArena.Used;

    public ref DirtyEntry this[ulong reference] => ref _entries[reference & ~PageSource.DirtyBit];

    public Page Get(ulong reference) => _entries[reference & ~PageSource.DirtyBit].Page;

    /// <summary>Adds a buffer of some pages, with whatever was in it.</summary>
    public ulong Add(ulong pages, out Page page) => Add(_arena, pages, out page);

    private ulong Add(PageArena arena, ulong pages, out Page page)
    {
        page = arena.Allocate(pages);
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
        }

        _entries[Count] = new DirtyEntry { Page = page, Pages = pages, SavedAt = _savepoint };
        LiveCount++;
        return PageSource.DirtyBit | (uint)Count++;
    }

    /// <summary>Adds an overflow run whose value is still to be filled.</summary>
    public OverflowReference AddRun(int valueLength, ulong pages)
    {
        var reference = Add(_runArena, pages, out var first);
        HasRuns = true;
        first.InitializeOverflow((uint)valueLength, pages, _pageSize);
        return new OverflowReference(reference, 0, 0, (uint)valueLength);
    }

    /// <summary>A page of memory that can take the place of an entry's buffer.</summary>
    public Page Spare => _spare.IsNull ? _spare = _arena.Allocate(1) : _spare;

    /// <summary>
    /// Gives an entry, which the caller has touched, the spare page for its buffer; the old one, whose content stays
    /// until then, will be the next spare.
    /// </summary>
    public void ReplaceBySpare(ulong reference)
    {
        ref var entry = ref this[reference];
        (entry.Page, _spare) = (Spare, entry.Page);
        entry.Inserts = default;
    }

    /// <summary>Forgets an entry: nothing refers to it any more. Its buffer stays until the transaction ends.</summary>
    public void Drop(ulong reference)
    {
        Touch(reference);
        ref var entry = ref this[reference];
        LiveCount--;
        entry.Pages = 0;
    }

    /// <summary>
    /// Forgets a run that was written to the file, and gives its memory back at once if nothing was added behind it.
    /// </summary>
    public void DropRun(ulong reference)
    {
        var page = this[reference].Page;
        var pages = this[reference].Pages;
        Drop(reference);
        _runArena.Free(page, pages);
    }

    /// <summary>
    /// Forgets all runs that there are, which were written to the file: their buffers are used again. Not while there
    /// are savepoints.
    /// </summary>
    public void DropRuns(List<ulong> references)
    {
        foreach (var reference in references)
        {
            Drop(reference);
        }

        _runArena.Rewind();
        HasRuns = false;
    }

    /// <summary>Forgets everything in the middle of a transaction: the buffers are used again.</summary>
    public void Rewind()
    {
        _generation++;
        _filling = ++_lastFilling;
        _arena.Rewind();
        _runArena.Rewind();
        Forget();
    }

    /// <summary>Forgets everything; the buffers may be reused.</summary>
    public void Clear()
    {
        EndSavepoints();
        _images.Reset();
        _arena.Reset();
        _runArena.Reset();
        if (_entries.Length > 1 << 16)
        {
            _entries = new DirtyEntry[64];
            _saved.Capacity = 0;
        }

        Forget();
    }

    public void Dispose()
    {
        _arena.Dispose();
        _runArena.Dispose();
        _images.Dispose();
        _scratchArena.Dispose();
    }

    private void Forget()
    {
        Count = 0;
        LiveCount = 0;
        _spare = default;
        HasRuns = false;
    }
}
