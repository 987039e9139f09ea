namespace Engine.Storage;

/// <summary>
/// The contents of a file in memory. Writes go to the newest buffer; growing beyond its capacity copies it into one
/// twice as large, and generations of the older one keep the bytes they had.
/// </summary>
internal sealed unsafe class MemoryFile : IDisposable
{
    private const long SmallestCapacity = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly string _name;
    private NativeBuffer? _buffer = new(SmallestCapacity);
    private long _length;

    // No byte at or above this was ever written in the current buffer: it is zero without being cleared.
    private long _touched;

    public MemoryFile(string name) => _name = name;

    // For contents that nobody disposed. Whoever maps holds a reference of its own.
    ~MemoryFile() => _buffer?.Release();

    public long Length => Volatile.Read(ref _length);

    private NativeBuffer Newest => _buffer ?? throw new ObjectDisposedException(_name);

    public void Read(long offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        lock (_gate)
        {
            NativeBuffer buffer = Newest;
            if (offset > _length || destination.Length > _length - offset)
            {
                throw new DatabaseCorruptException(
                    $"{_name}: the file is shorter ({_length} bytes) than its contents say: {destination.Length} bytes "
                    + $"at offset {offset} were asked for.");
            }

            // Bounds: offset + destination.Length ≤ _length ≤ capacity, checked above without overflow.
            new ReadOnlySpan<byte>(buffer.Address + offset, destination.Length).CopyTo(destination);
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (source.IsEmpty)
        {
            return;
        }

        lock (_gate)
        {
            long end = checked(offset + source.Length);
            if (end > _length)
            {
                Resize(end);
            }

            // Bounds: end ≤ _length ≤ capacity.
            source.CopyTo(new Span<byte>(Newest.Address + offset, source.Length));
            _touched = Math.Max(_touched, end);
        }
    }

    public void SetLength(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        lock (_gate)
        {
            Resize(length);
        }
    }

    public MapGeneration Map(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        lock (_gate)
        {
            NativeBuffer buffer = Newest;
            if (length > _length)
            {
                throw new DatabaseCorruptException(
                    $"{_name}: the file is shorter ({_length} bytes) than its contents say ({length} bytes).");
            }

            // Bounds: length ≤ _length ≤ capacity, and the reference keeps the buffer.
            buffer.AddReference();
            return new MapGeneration(buffer.Address, length, new BufferReference(buffer));
        }
    }

    /// <summary>Frees the memory, except what map generations still show.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _buffer?.Release();
            _buffer = null;
        }

        GC.SuppressFinalize(this);
    }

    private void Resize(long length)
    {
        if (length > Newest.Capacity)
        {
            Grow(length);
        }
        else if (length > _length)
        {
            // What was cut off earlier comes back as zeros.
            Clear(_length, Math.Min(length, _touched));
        }

        Volatile.Write(ref _length, length);
    }

    private void Grow(long length)
    {
        NativeBuffer smaller = Newest;
        NativeBuffer larger;
        try
        {
            larger = new NativeBuffer(Math.Max(length, checked(smaller.Capacity * 2)));
        }
        catch (Exception e) when (e is OutOfMemoryException or OverflowException)
        {
            throw new StorageWriteException($"{_name}: there is no memory for {length} bytes.", isFull: true, e);
        }

        // Bounds: both buffers have at least _length bytes. Bytes beyond what was touched are zero in both.
        long used = Math.Min(_length, _touched);
        Buffer.MemoryCopy(smaller.Address, larger.Address, larger.Capacity, used);
        _touched = used;
        smaller.Release();
        _buffer = larger;
    }

    private void Clear(long from, long to)
    {
        while (from < to)
        {
            // Bounds: to ≤ capacity; a span has at most int.MaxValue bytes.
            int part = (int)Math.Min(to - from, 1 << 30);
            new Span<byte>(Newest.Address + from, part).Clear();
            from += part;
        }
    }

    private sealed class BufferReference(NativeBuffer buffer) : IDisposable
    {
        public void Dispose() => buffer.Release();
    }
}
