using System.Buffers.Binary;

namespace Engine.Sorting;

/// <summary>
/// Sorts any number of entries by key within some memory: what exceeds it goes to a temporary file as sorted runs,
/// which are merged in the end. Of equal keys the one that was added last remains. First add everything, then read it
/// once. One thread at a time.
/// </summary>
internal sealed class ExternalSorter(long memory, string directory) : IDisposable
{
    private const int WriteBytes = 256 * 1024;
    private const int SmallestRunBuffer = 16 * 1024;

    private readonly SortBuffer _buffer = new();
    private readonly List<(long Start, long End)> _runs = [];
    private readonly PriorityQueue<SortRun, SortRun> _merge = new(Comparer<SortRun>.Create(Compare));
    private SortFile? _file;
    private SortRun? _current;
    private int _next = -1;

    /// <summary>The entry's key, after <see cref="MoveNext"/>; valid until the next move.</summary>
    public ReadOnlySpan<byte> Key => _current is null ? _buffer.Key(_next) : _current.Key;

    /// <summary>The entry's value.</summary>
    public ReadOnlySpan<byte> Value => _current is null ? _buffer.Value(_next) : _current.Value;

    /// <summary>Whether the value is kept elsewhere.</summary>
    public bool IsElsewhere => _current is null ? _buffer.IsElsewhere(_next) : _current.IsElsewhere;

    /// <summary>Adds an entry.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value, not larger than the memory.</param>
    /// <param name="isElsewhere">
    /// Whether the value is kept elsewhere: the entry then only supersedes earlier ones with its key.
    /// </param>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isElsewhere)
    {
        if (_buffer.Count > 0 && _buffer.Used + key.Length + value.Length > memory)
        {
            WriteRun();
        }

        _buffer.Add(key, value, isElsewhere);
    }

    /// <summary>Ends adding.</summary>
    public void Sort()
    {
        if (_runs.Count == 0)
        {
            _buffer.Sort();
            return;
        }

        WriteRun();
        var size = (int)Math.Clamp(memory / _runs.Count, SmallestRunBuffer, WriteBytes);
        for (var i = 0; i < _runs.Count; i++)
        {
            var run = new SortRun(_file!, i, _runs[i].Start, _runs[i].End, size);
            if (run.MoveNext())
            {
                _merge.Enqueue(run, run);
            }
        }
    }

    /// <summary>Moves to the entry with the next greater key; false behind the last one.</summary>
    public bool MoveNext()
    {
        if (_runs.Count == 0)
        {
            return ++_next < _buffer.Count;
        }

        Requeue();
        if (!_merge.TryDequeue(out _current, out _))
        {
            return false;
        }

        // The same key in earlier runs comes next, and is superseded.
        while (_merge.TryPeek(out var other, out _) && other.Key.SequenceEqual(_current.Key))
        {
            _merge.Dequeue();
            if (other.MoveNext())
            {
                _merge.Enqueue(other, other);
            }
        }

        return true;
    }

    public void Dispose() => _file?.Dispose();

    private static int Compare(SortRun? x, SortRun? y)
    {
        var order = x!.Key.SequenceCompareTo(y!.Key);
        return order != 0 ? order : y.Number.CompareTo(x.Number);
    }

    private void Requeue()
    {
        if (_current is { } run && run.MoveNext())
        {
            _merge.Enqueue(run, run);
        }
    }

    private void WriteRun()
    {
        _file ??= new SortFile(directory);
        _buffer.Sort();
        var start = _file.Length;
        var pieces = new byte[WriteBytes];
        var used = 0;
        Span<byte> header = stackalloc byte[SortRun.HeaderSize];
        for (var i = 0; i < _buffer.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(header, _buffer.Key(i).Length);
            BinaryPrimitives.WriteInt32LittleEndian(header[4..], _buffer.IsElsewhere(i) ? -1 : _buffer.Value(i).Length);
            Write(header, pieces, ref used);
            Write(_buffer.Key(i), pieces, ref used);
            Write(_buffer.Value(i), pieces, ref used);
        }

        _file.Append(pieces.AsSpan(0, used));
        _runs.Add((start, _file.Length));
        _buffer.Clear();
    }

    private void Write(ReadOnlySpan<byte> bytes, byte[] pieces, ref int used)
    {
        while (!bytes.IsEmpty)
        {
            var length = Math.Min(bytes.Length, pieces.Length - used);
            bytes[..length].CopyTo(pieces.AsSpan(used));
            bytes = bytes[length..];
            used += length;
            if (used == pieces.Length)
            {
                _file!.Append(pieces);
                used = 0;
            }
        }
    }
}
