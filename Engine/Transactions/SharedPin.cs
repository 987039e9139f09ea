namespace Engine.Transactions;

/// <summary>
/// A pinned state with several users: a snapshot object and the read transactions on it. A pin on something older than
/// the newest state must never be a fresh slot (its pages may be gone already), so the users share the first one's
/// slot; it is released when the last of them is gone. Thread-safe.
/// </summary>
internal sealed class SharedPin(DatabaseReaders readers, int slot, PublishedState state)
{
    private readonly Lock _lock = new();
    private readonly List<SnapshotReader> _all = [];
    private readonly Stack<SnapshotReader> _idle = new();
    private int _users = 1;
    private bool _isClosed;

    public PublishedState State => state;

    public int Slot => slot;

    /// <summary>What it is for, if that was said.</summary>
    public string? Tag { get; set; }

    /// <summary>A context for one more read transaction.</summary>
    /// <param name="epoch">The context's epoch while it serves this transaction.</param>
    public SnapshotReader BeginRead(out int epoch)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_users == 0, "Snapshot");

            // Nothing keeps a writer from reusing the state's pages any more.
            ObjectDisposedException.ThrowIf(_isClosed, "Database");
            if (!_idle.TryPop(out var context))
            {
                context = readers.NewReader(this);
                _all.Add(context);
            }

            _users++;
            epoch = context.Epoch;
            return context;
        }
    }

    /// <summary>Gives back what <see cref="BeginRead"/> gave.</summary>
    public void EndRead(SnapshotReader context)
    {
        lock (_lock)
        {
            _idle.Push(context);
        }

        Release();
    }

    /// <summary>One user more.</summary>
    public void AddUser()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_users == 0, "Snapshot");
            _users++;
        }
    }

    /// <summary>One user less.</summary>
    public void Release()
    {
        lock (_lock)
        {
            if (--_users > 0)
            {
                return;
            }
        }

        readers.EndShared(this);
    }

    /// <summary>Ends every transaction on the pin, so that its next use is told, and lets none begin.</summary>
    public void EndAll()
    {
        lock (_lock)
        {
            _isClosed = true;
            foreach (var context in _all)
            {
                context.EndAny();
            }
        }
    }
}
