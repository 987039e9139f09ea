namespace Engine.Storage;

/// <summary>
/// An immutable read-only view of the first bytes of the database. Growth makes a new generation; whoever began with an
/// older one keeps it, and it is released when its last user is gone: who that is, the pins tell.
/// </summary>
/// <remarks>
/// The address is valid until the release. A generation that is never released stays mapped:
/// there is no finalizer, because a span over it may outlive every managed reference.
/// </remarks>
internal sealed unsafe class MapGeneration
{
    private readonly IDisposable _owner;
    private bool _isReleased;
    private ulong _oldestId = ulong.MaxValue;

    /// <summary>Makes a generation, which the caller releases.</summary>
    /// <param name="address">
    /// The first byte; <paramref name="length"/> bytes are readable until the owner is disposed.
    /// </param>
    /// <param name="length">The length in bytes.</param>
    /// <param name="owner">Disposed by the release.</param>
    /// <param name="loader">
    /// What brings bytes into memory before they are looked at; null where they are there, or nobody shall ask.
    /// </param>
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

    /// <summary>Whether the bytes are gone.</summary>
    public bool IsReleased => Volatile.Read(ref _isReleased);

    /// <summary>What brings bytes into memory before they are looked at; null where that is not needed.</summary>
    public MapLoader? Loader { get; }

    /// <summary>The oldest state that is read through it; later than all if none is.</summary>
    public ulong OldestId => Volatile.Read(ref _oldestId);

    /// <summary>
    /// A state is read through it from now on: one that was published with it, or an older one, which whoever opens it
    /// has pinned. Thread-safe; a full fence if it is older than all before.
    /// </summary>
    public void Serve(ulong id)
    {
        for (var oldest = OldestId; id < oldest;)
        {
            oldest = Interlocked.CompareExchange(ref _oldestId, id, oldest);
        }
    }

    /// <summary>Some of the bytes. They may change, or go with the release, while they are looked at.</summary>
    /// <exception cref="DatabaseException">They cannot be read.</exception>
    public ReadOnlySpan<byte> Bytes(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        if (Loader?.Load(Address, offset, length) is { } problem)
        {
            throw new DatabaseException(
                $"{length} bytes at offset {offset} of the database cannot be read: {problem}. Check the disk and the "
                + "system's log.");
        }

        // Bounds: 0 ≤ offset ≤ Length - length, compared just now.
        return new ReadOnlySpan<byte>(Address + offset, length);
    }

    /// <summary>Whether the bytes at an offset are these. The caller keeps them from being released.</summary>
    /// <exception cref="DatabaseException">They cannot be read.</exception>
    public bool Shows(long offset, ReadOnlySpan<byte> bytes) => Bytes(offset, bytes.Length).SequenceEqual(bytes);

    /// <summary>Unmaps the bytes, once: nobody looks into them any more.</summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _isReleased, true))
        {
            throw new InvalidOperationException("The map generation was released before.");
        }

        _owner.Dispose();
    }
}
