namespace Engine.Testing.Simulation;

/// <summary>
/// Everything that changed the disk during a run, so that a run is executed once and cut anywhere afterwards. The
/// harness adds marks (a commit begins, a commit was reported durable), which say what a cut must lead to.
/// </summary>
internal sealed class DiskTrace
{
    private readonly List<TraceEntry> _entries = [];
    private readonly ByteArena _arena = new();
    private readonly List<LockRecord> _locks = [];
    private readonly List<object> _notes = [];

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

    /// <summary>Takes note of something that the harness, or its user, wants to find here again.</summary>
    public void AddNote(object note)
    {
        _notes.Add(note);
        Add(TraceKind.Note, value: _notes.Count - 1);
    }

    public LockRecord LockOf(TraceEntry entry) => _locks[entry.Value];

    public object NoteOf(TraceEntry entry) => _notes[entry.Value];

    public ReadOnlySpan<byte> DataOf(TraceEntry write) => _arena.Slice(write.Data, write.Length);

    /// <summary>Gives the memory back.</summary>
    public void Discard() => _arena.Discard();
}
