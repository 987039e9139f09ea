using Engine.Bench.Observing;

namespace Engine.Bench.Limits;

/// <summary>What a workload did to the file: every write, flush and change of length, in order.</summary>
internal sealed class WriteTrace : IStorageObserver
{
    private const int FlushMark = -1;
    private const int LengthMark = -2;

    // Some engine threads write beside the one that runs the workload.
    private readonly Lock _lock = new();
    private readonly List<(long Position, int Length)> _steps = [];
    private bool _isRecording;

    /// <summary>Writes, flushes and changes of length together.</summary>
    public int Count => _steps.Count;

    public void Start()
    {
        lock (_lock)
        {
            _steps.Clear();
            _isRecording = true;
        }
    }

    public void Stop()
    {
        lock (_lock)
        {
            _isRecording = false;
        }
    }

    public void NoteWrite(long offset, int length) => Note(offset, length);

    public void NoteFlush() => Note(0, FlushMark);

    public void NoteLength(long length) => Note(length, LengthMark);

    /// <summary>Does the same again, with other bytes.</summary>
    public void Replay(Action<long, int> write, Action flush, Action<long> setLength)
    {
        foreach ((long position, int length) in _steps)
        {
            switch (length)
            {
                case FlushMark:
                    flush();
                    break;
                case LengthMark:
                    setLength(position);
                    break;
                default:
                    write(position, length);
                    break;
            }
        }
    }

    private void Note(long position, int length)
    {
        lock (_lock)
        {
            if (_isRecording)
            {
                _steps.Add((position, length));
            }
        }
    }
}
