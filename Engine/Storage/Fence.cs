using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Engine.Storage;

/// <summary>Makes interlocked operations the full fences that the reader table relies on, on every processor.</summary>
internal static class Fence
{
    /// <summary>
    /// Directly after an interlocked operation: what it stored is seen by all before anything is loaded that follows.
    /// On x86 that is so by itself. On Arm the operation is an acquire and a release and no more: loads that follow
    /// wait for its load, and may pass its store.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AfterInterlocked()
    {
        if (!X86Base.IsSupported)
        {
            Interlocked.MemoryBarrier();
        }
    }
}
