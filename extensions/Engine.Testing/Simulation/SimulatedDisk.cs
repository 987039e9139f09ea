using System.Runtime.CompilerServices;
using Engine.Storage;

namespace Engine.Testing.Simulation;

/// <summary>
/// A disk with the failure model of the project behind the engine's storage interface: what the process sees and what
/// would survive are kept apart, any call can fail, the process can die at any call, and after it the power can go.
/// No clock, no threads, no randomness of its own; calls of several threads are carried out one after the other.
/// </summary>
internal partial class SimulatedDisk : IStorage
{
    public const int SectorSize = 512;

    private readonly int _capacity;
    private readonly IDiskGuard? _guard;
    private bool _hasParticipants;
    private DiskState _state;
    private DiskDirectory<SimulatedFile> _files;
    private readonly List<LockMemory> _deadLocks = [];
    private LockMemory _lock;
    private Fault? _fault;
    private int? _callsToLive;
    private bool _isFlushing;

    /// <param name="image">What is on the disk at first; nothing if null.</param>
    /// <param name="capacity">The size of the disk: more is ENOSPC.</param>
    /// <param name="guard">Who watches what is written; nobody if null.</param>
    public SimulatedDisk(DiskImage? image = null, int capacity = 1 << 20, IDiskGuard? guard = null)
        : this(new ImageView(image ?? new DiskImage(null)), capacity, guard)
    {
    }

    /// <param name="image">What is on the disk at first.</param>
    /// <param name="capacity">The size of the disk: more is ENOSPC.</param>
    /// <param name="guard">Who watches what is written; nobody if null.</param>
    public SimulatedDisk(ImageView image, int capacity, IDiskGuard? guard = null)
    {
        _capacity = capacity;
        _guard = guard;
        _state = new DiskState();
        _lock = LockMemories.Take();
        Load(image);
    }

    /// <summary>A disk as a dead process left it, or as somebody put it there.</summary>
    /// <param name="image">What is on it.</param>
    /// <param name="isSameBoot">Whether the machine has not been started again since the lock file was written.</param>
    /// <param name="capacity">The size of the disk.</param>
    public static SimulatedDisk Found(DiskImage image, bool isSameBoot, int capacity)
    {
        var disk = new SimulatedDisk(image, capacity);
        if (isSameBoot)
        {
            disk._lock.BootId = AsGuid(image.Lock.Boot);
        }

        return disk;
    }

    public string Name => "the simulated disk";

    /// <summary>What the lock file says now.</summary>
    public LockRecord Lock => LockRecord.Read(_lock);

    /// <summary>Whether a session since the machine was started has written into the lock file.</summary>
    public bool IsLockOfThisBoot => AsGuid(Lock.Boot) == _lock.BootId;

    /// <summary>Calls of the engine since the beginning, the failed ones included.</summary>
    public int Calls { get; private set; }

    /// <summary>
    /// Writes, changes of length and flushes since the beginning: an engine that is done with a disk leaves it
    /// unchanged.
    /// </summary>
    public int Changes { get; private set; }

    /// <summary>The number of the process's life: handles of an earlier one are dead.</summary>
    public int Life { get; private set; }

    /// <summary>
    /// Whether the process died (by <see cref="ArmCrash"/>) and waits for <see cref="Kill"/> or
    /// <see cref="PowerCut(CrashPlan)"/>.
    /// </summary>
    public bool IsDead { get; private set; }

    /// <summary>Records every change if set.</summary>
    public DiskTrace? Trace { get; set; }

    /// <summary>
    /// Called before each call is carried out: a place to look at the database from within its own storage calls.
    /// </summary>
    public Action<DiskCall>? BeforeCall { get; set; }

    /// <summary>Called before the disk carries out (or fails) a flush: where the most is pending.</summary>
    public Action? BeforeFlush { get; set; }

    /// <summary>Bytes written by the engine since the beginning.</summary>
    public long BytesWritten { get; private set; }

    /// <summary>How many calls failed by a fault.</summary>
    public int FaultsTaken { get; private set; }

    /// <summary>How many sector writes wait for a flush.</summary>
    public int PendingSectors => _state.PendingSectors;

    /// <summary>What the process sees of the database file; empty if there is none.</summary>
    public ReadOnlySpan<byte> Cache => _files.Database is null ? default : _files.Database.Bytes;

    /// <summary>What certainly survives of the database file; empty if there is none.</summary>
    public ReadOnlySpan<byte> Durable => _files.Database is null ? default : _files.Database.Durable.Bytes;

    /// <summary>Lets a call fail.</summary>
    public void Arm(Fault? fault) => _fault = fault;

    /// <summary>
    /// Lets the process die instead of carrying out the call after the next <paramref name="calls"/>.
    /// </summary>
    public void ArmCrash(int? calls) => _callsToLive = calls;

    /// <summary>
    /// The process dies now, but what it holds is still to be given back: nothing of that reaches the disk or the lock
    /// file.
    /// </summary>
    public void MarkDead()
    {
        IsDead = true;
        if (_hasParticipants)
        {
            // The dead keep the old memory; the next life gets a copy in which nobody of them is alive.
            var memory = LockMemories.Take();
            memory.CopyFrom(_lock);
            ReplaceLock(memory);
        }
    }

    /// <summary>Forgets what failed, and what was to fail.</summary>
    public void ClearFault() => (LastFault, _fault) = (null, null);

    /// <summary>Forgets what failed, not what is to fail.</summary>
    public void ForgetLastFault() => LastFault = null;

    /// <summary>
    /// The process dies: its handles and its locks with it, not the system's cache. A call that was to fail fails in
    /// the next life.
    /// </summary>
    public void Kill()
    {
        MarkDead();
        Life++;
        (IsDead, DiedFull, LastFault, _callsToLive) = (false, false, null, null);
        _guard?.Reset(Cache, Durable);
    }

    /// <summary>What a power cut would leave now.</summary>
    public DiskImage CrashImage(CrashPlan plan) => CrashImage(plan, new CrashScratch()).ToImage();

    /// <summary>The same in memory that is used again.</summary>
    public ImageView CrashImage(CrashPlan plan, CrashScratch scratch)
    {
        _state.CurrentLock = Lock;
        return scratch.Crash(_state, plan);
    }

    /// <summary>How many lengths and how many directories a power cut could leave now, the newest included.</summary>
    public (int Lengths, int Directories) PendingChoices => (_state.PendingLengths, _state.PendingDirectories);

    /// <summary>
    /// The power goes and comes back: the process is dead, the cache is gone, and the machine has been started
    /// again.
    /// </summary>
    public void PowerCut(CrashPlan plan)
    {
        Kill();
        var image = CrashImage(plan, new CrashScratch());
        ReplaceLock(LockMemories.Take());
        Load(image);
    }

    public bool Exists(out long length)
    {
        length = _files.Database?.Length ?? 0;
        return _files.Database is not null;
    }

    [MethodImpl(MethodImplOptions.Synchronized)]
    public IStorageFile OpenFile(bool writable)
    {
        Count(DiskCall.OpenFile, Life);
        if (TakeFault(DiskCall.OpenFile) is not null)
        {
            throw new DatabaseAccessException("Simulated: opening failed.");
        }

        return new SimulatedFileHandle(
            this, _files.Database ?? throw new DatabaseNotFoundException($"{Name} holds no database."), writable);
    }

    [MethodImpl(MethodImplOptions.Synchronized)]
    public IStorageFile CreateTemporary()
    {
        Begin(DiskCall.CreateTemporary);
        var file = new SimulatedFile(_capacity);
        _files.Temporary?.Dispose();
        _files = _files with { Temporary = file };
        _state.CreateTemporary(file.Durable);
        Trace?.Add(TraceKind.CreateTemporary);
        return new SimulatedFileHandle(this, file, writable: true);
    }

    [MethodImpl(MethodImplOptions.Synchronized)]
    public void RenameTemporary()
    {
        Begin(DiskCall.RenameTemporary);
        if (_files.Temporary is null)
        {
            throw new InvalidOperationException("The engine renames a temporary file that does not exist.");
        }

        _guard?.CheckReplacing(Cache);
        _files.Database?.Dispose();
        _files = new(_files.Temporary, null);
        _state.RenameTemporary();
        Trace?.Add(TraceKind.RenameTemporary);
        _guard?.Reset(Cache, Durable);
    }

    [MethodImpl(MethodImplOptions.Synchronized)]
    public void DeleteTemporary()
    {
        Begin(DiskCall.DeleteTemporary);
        _files.Temporary?.Dispose();
        _files = _files with { Temporary = null };
        _state.DeleteTemporary();
        Trace?.Add(TraceKind.DeleteTemporary);
    }

    [MethodImpl(MethodImplOptions.Synchronized)]
    public void FlushDirectory()
    {
        Begin(DiskCall.FlushDirectory);
        BeforeFlush?.Invoke();
        _state.FlushDirectory();
        Trace?.Add(TraceKind.FlushDirectory);
    }

    public LockFile OpenLockFile(bool readOnly)
    {
        _hasParticipants = true;
        var life = Life;
        _lock.Flushing = () => FlushLock(life);
        return LockFile.InMemory(_lock, readOnly ? LockFileUse.Reading : LockFileUse.Writing);
    }

    /// <summary>
    /// The engine disposes its storage; the disk outlives that. <see cref="Discard"/> gives its memory back, when no
    /// engine uses it any more.
    /// </summary>
    public void Dispose()
    {
    }

    /// <summary>Gives the memory back. The disk is unusable afterwards.</summary>
    public void Discard()
    {
        _files.Database?.Dispose();
        _files.Temporary?.Dispose();
        _files = default;
        _state.Discard();
        LockMemories.Return(_lock);
        _deadLocks.ForEach(LockMemories.Return);
        _deadLocks.Clear();
    }

    /// <summary>Takes note of something between two calls.</summary>
    [MethodImpl(MethodImplOptions.Synchronized)]
    public void AddNote(object note)
    {
        Trace?.AddLock(Lock);
        Trace?.AddNote(note);
    }

    private void Count(DiskCall call, int life)
    {
        RequireLife(life);
        Calls++;
        Trace?.AddLock(Lock);
        BeforeCall?.Invoke(call);
        if (_callsToLive is { } left)
        {
            if (left == 0)
            {
                IsDead = true;
                throw new SimulatedCrashException();
            }

            _callsToLive = left - 1;
        }
    }

    /// <summary>The fault if it is this call's turn.</summary>
    private Fault? TakeFault(DiskCall call)
    {
        if (_fault is not { } fault)
        {
            return null;
        }

        if (fault.Calls > 0)
        {
            _fault = fault with { Calls = fault.Calls - 1 };
            return null;
        }

        _fault = null;
        LastFault = call;
        FaultsTaken++;
        Trace?.Add(TraceKind.Fault);
        return fault;
    }

    /// <summary>The call that failed last by a fault.</summary>
    public DiskCall? LastFault { get; private set; }

    /// <summary>Whether the process died because the disk was full for a call within a flush.</summary>
    public bool DiedFull { get; private set; }

    /// <summary>Whether the disk was ever said to be full.</summary>
    public bool WasFull { get; private set; }

    private void ReplaceLock(LockMemory memory)
    {
        _deadLocks.Add(_lock);
        (_lock, _hasParticipants) = (memory, false);
    }

    private StorageWriteException Failure(string what, FaultKind kind)
    {
        var isFull = kind is FaultKind.NoSpace or FaultKind.ShortWriteNoSpace;
        if (isFull && _isFlushing)
        {
            // Who finds the disk full waits for the flush to end; here it is the thread that flushes. The process dies
            // instead.
            (IsDead, DiedFull, LastFault) = (true, true, null);
            throw new SimulatedCrashException();
        }

        WasFull |= isFull;
        return new StorageWriteException(
            $"Simulated: {what} failed, {(isFull ? "no space left" : "input/output error")}.", isFull);
    }

    private void Begin(DiskCall call)
    {
        Count(call, Life);
        Changes++;
        if (TakeFault(call) is { } fault)
        {
            throw Failure(call.ToString(), fault.Kind);
        }
    }

    private void RequireLife(int life)
    {
        if (IsDead || life != Life)
        {
            throw new SimulatedCrashException();
        }
    }

    private bool IsTemporary(SimulatedFile file) => file == _files.Temporary;

    private void Load(ImageView image)
    {
        _files.Database?.Dispose();
        _files.Temporary?.Dispose();
        _files = new(
            image.HasDatabase ? new SimulatedFile(_capacity, image.Database) : null,
            image.HasTemporary ? new SimulatedFile(_capacity, image.Temporary) : null);
        _state.Discard();
        _state = new DiskState();
        _state.Adopt(_files.Database?.Durable, _files.Temporary?.Durable, image.Lock);
        image.Lock.Write(_lock);

        // Whatever the lock file says of a start of the machine, this is a later one.
        _lock.BootId = AsGuid(image.Lock.Boot + 1);
        _guard?.Reset(Cache, Durable);
    }

    private static Guid AsGuid(UInt128 value) =>
        System.Runtime.InteropServices.MemoryMarshal.Cast<UInt128, Guid>([value])[0];
}
