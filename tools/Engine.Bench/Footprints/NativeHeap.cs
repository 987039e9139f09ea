using System.Runtime.InteropServices;

namespace Engine.Bench.Footprints;

/// <summary>The heap of the C library, which engines in C and C++ use.</summary>
internal static partial class NativeHeap
{
    private static bool _isKnown = true;

    /// <summary>
    /// Gives back what was freed: otherwise what one database left would hide what the next one takes.
    /// </summary>
    public static void Trim()
    {
        if (!_isKnown)
        {
            return;
        }

        try
        {
            _ = TrimAll(0);
        }
        catch (Exception failure) when (failure is EntryPointNotFoundException or DllNotFoundException)
        {
            // Not the C library of GNU.
            _isKnown = false;
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int TrimAll(nuint kept);
}
