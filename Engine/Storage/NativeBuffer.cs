using System.Runtime.InteropServices;

namespace Engine.Storage;

/// <summary>Native memory with a reference count, filled with zeros and aligned like a mapping.</summary>
internal sealed unsafe class NativeBuffer
{
    private const int Alignment = 4096;

    private readonly void* _allocation;
    private int _references = 1;

    /// <exception cref="OutOfMemoryException">There is not that much.</exception>
    public NativeBuffer(long capacity)
    {
        // Zeros from the system are given out page by page as they are touched: room to grow costs nothing until used.
        _allocation = NativeMemory.AllocZeroed(checked((nuint)capacity + Alignment));

        // Bounds: rounding up skips less than Alignment bytes, which were asked for in addition.
        Address = (byte*)(((nuint)_allocation + (Alignment - 1)) & ~(nuint)(Alignment - 1));
        Capacity = capacity;
    }

    /// <summary>The first byte; valid while there are references.</summary>
    public byte* Address { get; }

    /// <summary>The length in bytes.</summary>
    public long Capacity { get; }

    /// <summary>Adds a reference. The caller holds one, or the lock of whoever does.</summary>
    public void AddReference() => Interlocked.Increment(ref _references);

    /// <summary>Releases a reference; with the last one the memory is freed.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            NativeMemory.Free(_allocation);
        }
    }
}
