namespace Engine.Storage;

/// <summary>
/// An immutable read-only view of the first bytes of the database. Growth makes a new generation; whoever began with an
/// older one keeps it, and it is released when its last user is gone: who that is, the pins tell. The bytes lie
/// together in memory, but for those of a fork: what it has written lies apart from what it has of its base.
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
        FirstLength = length;
        Regions = [];
        _owner = owner;
        Loader = loader;
    }

    /// <summary>Makes a generation of a fork, which the caller releases.</summary>
    /// <param name="beneath">
    /// A generation of the base. Its bytes are readable until the owner is disposed; it is not released with this one.
    /// </param>
    /// <param name="borrowed">How many bytes are those of the base: if its map has fewer, some cannot be read.</param>
    /// <param name="above">What lies behind them; nothing if its length is 0.</param>
    /// <param name="owner">Disposed by the release.</param>
    public MapGeneration(MapGeneration beneath, long borrowed, MapRegion above, IDisposable owner)
    {
        Address = beneath.Address;
        FirstLength = Math.Min(beneath.FirstLength, borrowed);
        Length = borrowed + above.Length;
        _owner = owner;
        Loader = beneath.Loader;
        var regions = new List<MapRegion>();
        foreach (var region in beneath.Regions)
        {
            if (region.Offset < borrowed)
            {
                regions.Add(region.CutAt(borrowed));
            }
        }

        if (above.Length > 0)
        {
            regions.Add(above);
        }

        Regions = [.. regions];
    }

    /// <summary>The first byte.</summary>
    public byte* Address { get; }

    /// <summary>The length in bytes.</summary>
    public long Length { get; }

    /// <summary>How many bytes lie together from <see cref="Address"/> on; all but those of a fork do.</summary>
    public long FirstLength { get; }

    /// <summary>Where the others lie, ascending.</summary>
    public MapRegion[] Regions { get; }

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

    /// <summary>
    /// Some of the bytes, which lie together. They may change, or go with the release, while they are looked at.
    /// </summary>
    /// <exception cref="DatabaseException">They cannot be read.</exception>
    public ReadOnlySpan<byte> Bytes(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var region = Find(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, region.End - length);
        if (region.Offset == 0 && Loader?.Load(Address, offset, length) is { } problem)
        {
            throw new DatabaseException(
                $"{length} bytes at offset {offset} of the database cannot be read: {problem}. Check the disk and the "
                + "system's log.");
        }

        // Bounds: region.Offset ≤ offset ≤ region.End - length, the latter compared just now.
        return new ReadOnlySpan<byte>(region.Address + (offset - region.Offset), length);
    }

    /// <summary>Copies bytes, wherever they lie.</summary>
    /// <returns>How many: fewer than were asked for if the map has no more of them.</returns>
    /// <exception cref="DatabaseException">They cannot be read.</exception>
    public int CopyTo(long offset, Span<byte> destination)
    {
        var copied = 0;
        while (copied < destination.Length && Find(offset + copied) is { Length: > 0 } region)
        {
            var part = (int)Math.Min(destination.Length - copied, region.End - offset - copied);
            Bytes(offset + copied, part).CopyTo(destination[copied..]);
            copied += part;
        }

        return copied;
    }

    /// <summary>Whether the bytes at an offset are these. The caller keeps them from being released.</summary>
    /// <exception cref="DatabaseException">They cannot be read.</exception>
    public bool Shows(long offset, ReadOnlySpan<byte> bytes) => Bytes(offset, bytes.Length).SequenceEqual(bytes);

    /// <summary>What has the byte at an offset; empty if nothing has.</summary>
    private MapRegion Find(long offset)
    {
        if (offset < FirstLength)
        {
            return new MapRegion(0, Address, FirstLength);
        }

        foreach (var region in Regions)
        {
            if (offset >= region.Offset && offset < region.End)
            {
                return region;
            }
        }

        return default;
    }

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
