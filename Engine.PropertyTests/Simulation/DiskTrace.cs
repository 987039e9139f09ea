namespace Engine.PropertyTests.Simulation;

/// <summary>
/// Everything that changed the disk during a run, so that a run is executed once and cut anywhere afterwards. The
/// harness adds marks (a commit begins, a commit was reported durable), which say what a cut must lead to.
/// </summary>
internal sealed class DiskTrace
{
    private readonly List<TraceEntry> _entries = [];
    private readonly ByteArena _arena = new();
    private readonly List<LockRecord> _locks = [];
    private readonly List<ShownState> _shown = [];

    public int Count => _entries.Count;

    public TraceEntry this[int index] => _entries[index];

    public void AddWrite(bool temporary, int offset, ReadOnlySpan<byte> data) =>
        _entries.Add(new TraceEntry(TraceKind.Write, temporary, offset, data.Length, _arena.Add(data), default));

    public void Add(TraceKind kind, bool temporary = false, int value = 0, CrashPlan arrived = default) =>
        _entries.Add(new TraceEntry(kind, temporary, value, 0, 0, arrived));

    /// <summary>Takes note of what the lock file says, if that is something new.</summary>
    public void AddLock(LockRecord record)
    {
        if (_locks.Count == 0 || _locks[^1] != record)
        {
            _locks.Add(record);
            Add(TraceKind.Lock, value: _locks.Count - 1);
        }
    }

    /// <summary>Takes note of a state that somebody saw under an id.</summary>
    public void AddShown(ShownState state)
    {
        _shown.Add(state);
        Add(TraceKind.Shown, value: _shown.Count - 1);
    }

    public LockRecord LockOf(TraceEntry entry) => _locks[entry.Value];

    public ShownState ShownOf(TraceEntry entry) => _shown[entry.Value];

    public ReadOnlySpan<byte> DataOf(TraceEntry write) => _arena.Slice(write.Data, write.Length);

    /// <summary>Gives the memory back.</summary>
    public void Discard() => _arena.Discard();
}
