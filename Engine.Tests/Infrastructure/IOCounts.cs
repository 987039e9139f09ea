namespace Engine.Tests.Infrastructure;

/// <summary>
/// What went through a <see cref="CountingStorage"/> since the last <see cref="Reset"/>. Thread-safe.
/// </summary>
internal sealed class IOCounts
{
    private readonly Lock _lock = new();
    private List<(long Offset, int Length)> _writes = [];

    public long ReadBytes { get; private set; }

    public int Flushes { get; private set; }

    public int Maps { get; private set; }

    public long WrittenBytes => Writes.Sum(write => (long)write.Length);

    public IReadOnlyList<(long Offset, int Length)> Writes
    {
        get
        {
            lock (_lock)
            {
                return [.. _writes];
            }
        }
    }

    public void Reset()
    {
        lock (_lock)
        {
            _writes = [];
            ReadBytes = 0;
            Flushes = 0;
            Maps = 0;
        }
    }

    public void NoteRead(int length)
    {
        lock (_lock)
        {
            ReadBytes += length;
        }
    }

    public void NoteWrite(long offset, int length)
    {
        lock (_lock)
        {
            _writes.Add((offset, length));
        }
    }

    public void NoteFlush()
    {
        lock (_lock)
        {
            Flushes++;
        }
    }

    public void NoteMap()
    {
        lock (_lock)
        {
            Maps++;
        }
    }
}
