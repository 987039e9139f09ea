using Engine.Cli.Shared;
using Engine.Integrity;
using Engine.Storage;
using Engine.Transactions;

namespace Engine.Cli.Inspection;

/// <summary>
/// A database file opened to be looked at, whatever state it is in: with positional reads, never through a map, and
/// pinned in the lock file, so that a writer leaves alone what is shown. Nothing of it is believed; everything is
/// bounded by the file's length.
/// </summary>
internal sealed class InspectedFile : IDisposable
{
    private readonly IStorageFile _file;
    private readonly LockFile? _lock;
    private readonly ProblemList _superblockProblems = new(maximum: 1);
    private ShownState _state;

    private InspectedFile(
        string path,
        FileStorage storage,
        IStorageFile file,
        bool withoutLock,
        Func<LockFile> openLock,
        bool mayGoUnpinned,
        CancellationToken cancellation)
    {
        _file = file;
        IsToldToDoWithoutLock = withoutLock;
        Path = path;
        Reader = new StorageFileReader(file);
        RefuseForeignFiles();
        Superblock = Superblock.Read(Reader, Reader.Length, _superblockProblems);
        RefuseOtherFormats();
        _lock = withoutLock || IsRefusedWithoutLockFile(storage) ? null : openLock();
        try
        {
            file.Presence.Join(_lock);
            StateChoice = new StateChoice(file, Reader, Superblock, _lock, Path, mayGoUnpinned);
            _state = StateChoice.Choose(cancellation);
            PageSize = Superblock?.PageSize ?? GuessPageSize();
            Geometry = MeasurePages();
        }
        catch
        {
            _lock?.Dispose();
            throw;
        }
    }

    /// <summary>The path as it was given.</summary>
    public string Path { get; }

    public IPageReader Reader { get; }

    /// <summary>
    /// The superblock; null if it is damaged. The pages can then still be looked at, if a meta tells their size.
    /// </summary>
    public Superblock? Superblock { get; }

    /// <summary>What is wrong with the superblock.</summary>
    public IntegrityProblem? SuperblockProblem => Superblock is null ? _superblockProblems.Problems[0] : null;

    /// <summary>Bytes of a page; 0 if nothing in the file tells.</summary>
    public int PageSize { get; }

    /// <summary>Bounds of page numbers: those of the meta, cut to what the file holds.</summary>
    public Geometry Geometry { get; private set; }

    /// <summary>Both slots, as they were when the state was chosen.</summary>
    public IReadOnlyList<MetaSlot> Slots => _state.Slots;

    /// <summary>The meta of the state that is shown; null if there is none.</summary>
    public MetaSlot? Meta => _state.Meta;

    /// <summary>The run list that the state has in pages of its own; null if there is none.</summary>
    public OverflowReference? ListRun
    {
        get
        {
            if (Meta is not { HasListRun: true } meta
                || !Geometry.Contains(
                    meta.ListRunPage, FileFormat.OverflowPages(meta.ListRunLength, Geometry.PageSize)))
                return null;
            return new OverflowReference(meta.ListRunPage, meta.ListRunBirth, meta.ListRunCrc, meta.ListRunLength);
        }
    }

    /// <summary>Why recovery would refuse the file; null if it takes <see cref="Meta"/>.</summary>
    public string? Refusal => _state.Refusal;

    /// <summary>What recovery came across besides <see cref="Meta"/>; null if there is nothing.</summary>
    public RecoveryReport? RecoveryReport => _state.Recovery;

    /// <summary>Whether a process has the database open for writing: then the published state is shown.</summary>
    public bool IsLive => _state.IsLive;

    /// <summary>
    /// The lock file; null without one, also where none is made beside a file that no open would take.
    /// </summary>
    public LockFile? Lock => _lock;

    /// <summary>Whether a writer leaves alone what is shown.</summary>
    public bool IsPinned => StateChoice.IsPinned;

    /// <summary>Whether nothing can be said of those who have the file open.</summary>
    public bool IsToldToDoWithoutLock { get; }

    /// <summary>Length of the file in bytes, when it was last looked at.</summary>
    public long Length { get; private set; }

    /// <summary>Whole pages that the file holds.</summary>
    public ulong PagesInFile => PageSize == 0 ? 0 : (ulong)Length / (ulong)PageSize;

    private StateChoice StateChoice { get; }

    /// <summary>Opens a file, and says on standard error what recovery came across.</summary>
    /// <exception cref="DatabaseException">There is no such file, it cannot be read, it is no database, or one of
    /// another format.</exception>
    public static InspectedFile Open(string path, bool withoutLock, CommandContext context)
    {
        InspectedFile file = Open(path, withoutLock, context.Cancellation);
        DatabaseFiles.Warn(context, path, file.RecoveryReport);
        return file;
    }

    /// <summary>The same without a word about what recovery came across.</summary>
    /// <exception cref="DatabaseException">There is no such file, it cannot be read, it is no database, or one of
    /// another format.</exception>
    public static InspectedFile Open(string path, bool withoutLock, CancellationToken cancellation)
    {
        var storage = new FileStorage(path, withoutLock);
        LockFile OpenLock() => storage.OpenLockFile(readOnly: true);
        return Open(path, storage, withoutLock, OpenLock, mayGoUnpinned: false, cancellation);
    }

    /// <summary>
    /// Opens it to look at its lock file: also when all entries or slots of that are taken. What is shown of the
    /// database is not pinned then.
    /// </summary>
    /// <param name="path">The database.</param>
    /// <param name="prepare">Is given the lock file before an entry of it is taken.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DatabaseException">As for <see cref="Open(string, bool, CancellationToken)"/>.</exception>
    public static InspectedFile OpenForItsReaders(string path, Action<LockFile> prepare, CancellationToken cancellation)
    {
        var storage = new FileStorage(path);
        LockFile OpenLock()
        {
            using (LockFile watching = storage.WatchLockFile())
                prepare(watching);
            try
            {
                return storage.OpenLockFile(readOnly: true);
            }
            catch (ReadersFullException)
            {
                return storage.WatchLockFile();
            }
        }

        return Open(path, storage, withoutLock: false, OpenLock, mayGoUnpinned: true, cancellation);
    }

    /// <summary>Checks a file that is too damaged to be opened.</summary>
    public static IntegrityReport CheckUnopened(string path, CancellationToken cancellation)
    {
        using IStorageFile file = new FileStorage(path, withoutLock: true).OpenFile(writable: false);
        return IntegrityCheck.Run(new StorageFileReader(file), null, cancellation);
    }

    /// <summary>The meta that is shown, where a command cannot do without one.</summary>
    /// <exception cref="DatabaseCorruptException">There is none, or the page size is unknown.</exception>
    public MetaSlot RequireMeta()
    {
        if (PageSize == 0)
            throw new DatabaseCorruptException(
                $"the superblock of '{Path}' is damaged ({SuperblockProblem!.Rule}), and no meta tells the page size: "
                + "engine info shows what is there");
        return Meta
            ?? throw new DatabaseCorruptException(
                $"neither meta of '{Path}' can be used: engine info shows what is there, engine page shows single "
                + "pages");
    }

    /// <summary>
    /// Looks again at what is published, and pins that instead: for work that begins anew because the file has moved
    /// on.
    /// </summary>
    public void Refresh(CancellationToken cancellation)
    {
        _state = StateChoice.Choose(cancellation);
        Geometry = MeasurePages();
    }

    /// <summary>
    /// Whether somebody writes, or has written since the state was chosen: what was not pinned may have changed under
    /// our hands.
    /// </summary>
    public bool HasMoved() => StateChoice.HasMoved();

    /// <summary>Reads a page; false if the file ends before.</summary>
    public bool TryRead(ulong page, Span<byte> buffer)
    {
        if (page >= PagesInFile)
            return false;
        try
        {
            Reader.Read((long)page * PageSize, buffer);
            return true;
        }
        catch (DatabaseCorruptException)
        {
            // Cut short meanwhile.
            return false;
        }
    }

    public void Dispose()
    {
        _lock?.Dispose();
        _file.Dispose();
    }

    /// <summary>
    /// Beside a file that no open would take there is no lock file, and none is made to look at it. Nobody writes to it
    /// meanwhile: the open for writing is refused while somebody reads.
    /// </summary>
    private bool IsRefusedWithoutLockFile(FileStorage storage)
    {
        if (!storage.WouldMakeLockFile || _file.Presence.IsBeingWritten)
            return false;
        try
        {
            Recovery.Choose(_file, Path, default);
            return false;
        }
        catch (Exception exception) when (exception is DatabaseCorruptException or DatabaseFormatException)
        {
            return true;
        }
    }

    private static InspectedFile Open(
        string path,
        FileStorage storage,
        bool withoutLock,
        Func<LockFile> openLock,
        bool mayGoUnpinned,
        CancellationToken cancellation)
    {
        if (!storage.Exists(out _))
            throw new DatabaseNotFoundException($"there is no database at '{path}': check the path");
        IStorageFile file = storage.OpenFile(writable: false);
        try
        {
            return new InspectedFile(path, storage, file, withoutLock, openLock, mayGoUnpinned, cancellation);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A lock file is not left beside something that has nothing to do with the engine.</summary>
    private void RefuseForeignFiles()
    {
        long length = Reader.Length;
        if (length == 0)
            throw new DatabaseFormatException($"'{Path}' is an empty file, not a database: check the path");
        Span<byte> start = stackalloc byte[8];
        bool IsAt(long offset, ReadOnlySpan<byte> magic, Span<byte> buffer)
        {
            if (length < offset + buffer.Length)
                return false;
            Reader.Read(offset, buffer);
            return buffer.SequenceEqual(magic);
        }

        bool isOurs = IsAt(0, FileFormat.SuperblockMagic, start)
            || IsAt(FileFormat.BlockSize, FileFormat.MetaMagic, start)
            || IsAt(2 * FileFormat.BlockSize, FileFormat.MetaMagic, start);
        if (!isOurs)
            throw new DatabaseFormatException(
                $"'{Path}' is not a database: neither its first block nor a meta slot begins with the engine's mark; "
                + "check the path");
        if (length < FileFormat.ReservedLength)
            throw new DatabaseCorruptException(
                $"'{Path}' was cut to {length} bytes; not even its metas are all there: restore it from a backup");
    }

    /// <summary>
    /// A file of another format is not damaged, and what this engine makes of its pages is not what is there: the
    /// engine's own words say what to do.
    /// </summary>
    private void RefuseOtherFormats()
    {
        if (SuperblockProblem?.Rule is not (IntegrityRules.SuperblockVersion or IntegrityRules.SuperblockFeatures))
            return;
        var block = new byte[FileFormat.BlockSize];
        Reader.Read(0, block);
        _ = Engine.Pages.Superblock.Read(block, Path);
    }

    private int GuessPageSize()
    {
        foreach (MetaSlot slot in Slots.Where(slot => slot.HasRightChecksum).OrderByDescending(slot => slot.Id))
        {
            uint size = FileFormat.U32(slot.Block, 12);
            if (size is >= FileFormat.MinimumPageSize and <= FileFormat.MaximumPageSize && (size & (size - 1)) == 0)
                return (int)size;
        }

        return 0;
    }

    private Geometry MeasurePages()
    {
        Length = Reader.Length;
        return new Geometry(
            PageSize == 0 ? FileFormat.BlockSize : PageSize, Math.Min(Meta?.PageCount ?? PagesInFile, PagesInFile));
    }
}
