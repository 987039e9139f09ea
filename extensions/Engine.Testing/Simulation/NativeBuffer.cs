using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Engine.Testing.Simulation;

/// <summary>
/// Native memory of a fixed size and address, zero when it is taken: a file's cache must not move while it is mapped.
/// Shared by the file and its maps; the last to let go returns it for the next disk, since a campaign opens thousands
/// per second. One that nobody lets go of is lost, not freed: somebody may still read through a map.
/// </summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private static readonly ConcurrentDictionary<int, ConcurrentBag<NativeBuffer>> Pool = new();
    private readonly byte* _address;
    private int _references;
    private int _used;

    private NativeBuffer(int capacity)
    {
        Capacity = capacity;
        _address = (byte*)NativeMemory.AllocZeroed((nuint)capacity);
    }

    public int Capacity { get; }

    public byte* Address => _address;

    /// <summary>Takes a buffer; disposing it releases the one reference it comes with.</summary>
    public static NativeBuffer Rent(int capacity)
    {
        if (!Pool.GetOrAdd(capacity, static _ => []).TryTake(out var buffer))
        {
            buffer = new NativeBuffer(capacity);
        }

        buffer._references = 1;
        return buffer;
    }

    /// <summary>The first bytes, which are cleared again when the buffer goes back.</summary>
    public Span<byte> Use(int length)
    {
        _used = Math.Max(_used, length);

        // Bounds: Span checks nothing here, so the length is checked against the allocation.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Capacity);
        return new Span<byte>(_address, length);
    }

    public void AddReference() => Interlocked.Increment(ref _references);

    public void Dispose()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            new Span<byte>(_address, _used).Clear();
            _used = 0;
            Pool[Capacity].Add(this);
        }
    }
}
