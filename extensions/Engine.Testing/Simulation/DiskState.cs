namespace Engine.Testing.Simulation;

/// <summary>
/// The whole disk without any process: files under two names, and the lock file, what is certain of them and what is
/// pending. Live under a
/// <see cref="SimulatedDisk"/>, or replayed from a trace.
/// </summary>
internal sealed class DiskState
{
    // The last is what a process sees; the first what certainly survives.
    private readonly List<DiskDirectory<DurableFile>> _directories = [default];

    public DiskState()
    {
    }

    public DiskState(ImageView image)
    {
        _directories[0] = new(
            image.HasDatabase ? new DurableFile(image.Database) : null,
            image.HasTemporary ? new DurableFile(image.Temporary) : null);
        DurableLock = CurrentLock = image.Lock;
    }

    /// <summary>What the lock file says, as a process sees it.</summary>
    public LockRecord CurrentLock { get; set; }

    /// <summary>What certainly survives of that.</summary>
    public LockRecord DurableLock { get; private set; }

    /// <summary>What stands under the names now.</summary>
    public DiskDirectory<DurableFile> Names => _directories[^1];

    public int PendingSectors => (Names.Database?.PendingSectors ?? 0) + (Names.Temporary?.PendingSectors ?? 0);

    /// <summary>The pending sector writes that change something.</summary>
    public List<PendingSector> FindChanges()
    {
        var sectors = new List<PendingSector>();
        Names.Database?.FindChanges(0, sectors);
        Names.Temporary?.FindChanges(Names.Database?.PendingSectors ?? 0, sectors);
        return sectors;
    }

    /// <summary>The pending writes to the database's file, whether they change something or not.</summary>
    public List<PendingWrite> FindWrites()
    {
        var writes = new List<PendingWrite>();
        Names.Database?.FindWrites(0, writes);
        return writes;
    }

    public int PendingLengths => Math.Max(Names.Database?.PendingLengths ?? 1, Names.Temporary?.PendingLengths ?? 1);

    public int PendingDirectories => _directories.Count;

    /// <summary>Begins with these files under the names, for certain.</summary>
    public void Adopt(DurableFile? database, DurableFile? temporary, LockRecord @lock)
    {
        _directories[0] = new(database, temporary);
        DurableLock = CurrentLock = @lock;
    }

    public void CreateTemporary(DurableFile file) => _directories.Add(Names with { Temporary = file });

    public void RenameTemporary() => _directories.Add(new(Names.Temporary, null));

    public void DeleteTemporary() => _directories.Add(Names with { Temporary = null });

    public void FlushLock() => DurableLock = CurrentLock;

    public void FlushDirectory() => _directories.RemoveRange(0, _directories.Count - 1);

    /// <summary>Applies one entry of a trace.</summary>
    public void Apply(DiskTrace trace, int index)
    {
        var entry = trace[index];
        var file = entry.Temporary ? Names.Temporary : Names.Database;
        switch (entry.Kind)
        {
            case TraceKind.Write:
                file!.Write(entry.Value, trace.DataOf(entry));
                break;
            case TraceKind.SetLength:
                file!.SetLength(entry.Value);
                break;
            case TraceKind.Flush:
                file!.Flush();
                break;
            case TraceKind.FailedFlush:
                file!.FailFlush(entry.Arrived);
                if (file.Bytes.Length != entry.Value)
                {
                    file.SetLength(entry.Value);
                }

                break;
            case TraceKind.CreateTemporary:
                CreateTemporary(new DurableFile());
                break;
            case TraceKind.RenameTemporary:
                RenameTemporary();
                break;
            case TraceKind.DeleteTemporary:
                DeleteTemporary();
                break;
            case TraceKind.FlushDirectory:
                FlushDirectory();
                break;
            case TraceKind.Lock:
                CurrentLock = trace.LockOf(entry);
                break;
            case TraceKind.FlushLock:
                FlushLock();
                break;
        }
    }

    /// <summary>What stands under the names after a power cut.</summary>
    public DiskDirectory<DurableFile> NamesAfter(CrashPlan plan) =>
        plan.Directory == -1
            ? _directories[0]
            : _directories[^(1 + (int)((uint)plan.Directory % (uint)_directories.Count))];

    /// <summary>What a power cut leaves now.</summary>
    public DiskImage Crash(CrashPlan plan) => new CrashScratch().Crash(this, plan).ToImage();

    /// <summary>Gives the memory of the files back.</summary>
    public void Discard()
    {
        foreach (var (database, temporary) in _directories)
        {
            database?.Discard();
            temporary?.Discard();
        }
    }
}
