namespace Engine.Storage;

/// <summary>
/// An immutable read-only view of the first bytes of the database. Growth makes a new generation; whoever began with an
/// older one keeps it, and it is unmapped when its last user is gone.
/// </summary>
/// <remarks>
/// The address is valid while the reference count is above zero. A generation that is never released stays mapped:
/// there is no finalizer, because a span over it may outlive every managed reference.
/// </remarks>
internal sealed unsafe class MapGeneration
{
    private readonly IDisposable _owner;
    private int _references = 1;

    /// <summary>Makes a generation with a reference count of 1.</summary>
    /// <param name="address">The first byte; <paramref name="length"/> bytes are readable until the owner is disposed.</param>
    /// <param name="length">The length in bytes.</param>
    /// <param name="owner">Disposed when the last reference is released.</param>
    /// <param name="loader">What brings bytes into memory before they are looked at; null where they are there, or nobody shall ask.</param>
    public MapGeneration(byte* address, long length, IDisposable owner, MapLoader? loader = null)
    {
        Address = address;
        Length = length;
        _owner = owner;
        Loader = loader;
    }

    /// <summary>The first byte.</summary>
    public byte* Address { get; }

    /// <summary>The length in bytes.</summary>
    public long Length { get; }

    /// <summary>What brings bytes into memory before they are looked at; null where that is not needed.</summary>
    public MapLoader? Loader { get; }

    /// <summary>Some of the bytes. They may change, or go with the last reference, while they are looked at.</summary>
    /// <exception cref="DatabaseException">They cannot be read.</exception>
    public ReadOnlySpan<byte> Bytes(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        if (Loader?.Load(Address, offset, length) is { } problem)
        {
            throw new DatabaseException($"{length} bytes at offset {offset} of the database cannot be read: {problem}. Check the disk and the system's log.");
        }

        // Bounds: 0 ≤ offset ≤ Length - length, compared just now.
        return new ReadOnlySpan<byte>(Address + offset, length);
    }

    /// <summary>Whether the bytes at an offset are these. The caller holds a reference.</summary>
    /// <exception cref="DatabaseException">They cannot be read.</exception>
    public bool Shows(long offset, ReadOnlySpan<byte> bytes) => Bytes(offset, bytes.Length).SequenceEqual(bytes);

    /// <summary>Adds a reference unless the last one was released: for readers that race with a change of generation.</summary>
    public bool TryAddReference()
    {
        int seen = Volatile.Read(ref _references);
        while (seen > 0)
        {
            int previous = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (previous == seen)
            {
                return true;
            }

            seen = previous;
        }

        return false;
    }

    /// <summary>Releases a reference; with the last one the bytes are unmapped.</summary>
    public void Release()
    {
        int left = Interlocked.Decrement(ref _references);
        if (left == 0)
        {
            _owner.Dispose();
        }
        else if (left < 0)
        {
            throw new InvalidOperationException("The map generation was released more often than it was referenced.");
        }
    }
}
