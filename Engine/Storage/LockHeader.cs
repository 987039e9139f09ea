using System.Runtime.InteropServices;

namespace Engine.Storage;

/// <summary>Makes and recognises the header of a lock file.</summary>
internal static unsafe class LockHeader
{
    /// <summary>
    /// Turns <see cref="LockLayout.Size"/> bytes into a lock file without processes and readers. The magic is written
    /// last, so that a death in between leaves something that is not taken for a lock file.
    /// </summary>
    public static void Initialize(byte* region)
    {
        // Bounds: every access lies within the first Size bytes, which the caller owns.
        NativeMemory.Clear(region, LockLayout.Size);
        WriteConstants(region);
    }

    /// <summary>Does the same to a region that was initialised before, touching only what was used since.</summary>
    public static void Clear(byte* region)
    {
        // Bounds: UsedBytes is at most Size.
        NativeMemory.Clear(region, UsedBytes(region));
        WriteConstants(region);
    }

    /// <summary>Copies an initialised region over another one, touching only what was used in either.</summary>
    public static void Copy(byte* source, byte* destination)
    {
        // Bounds: UsedBytes is at most Size. Beyond it both are zeros.
        NativeMemory.Copy(source, destination, Math.Max(UsedBytes(source), UsedBytes(destination)));
    }

    // Slots at or above the high-water mark are zeros: they were never claimed, or freed before the mark was lowered.
    private static nuint UsedBytes(byte* region)
    {
        var slots = Math.Min(*(uint*)(region + LockLayout.HighWaterOffset), LockLayout.SlotCount);
        return (nuint)(LockLayout.SlotsOffset + (slots * LockLayout.SlotSize));
    }

    private static void WriteConstants(byte* region)
    {
        *(uint*)(region + LockLayout.VersionOffset) = LockLayout.Version;
        *(uint*)(region + LockLayout.ProcessCountOffset) = LockLayout.ProcessCount;
        *(uint*)(region + LockLayout.SlotCountOffset) = LockLayout.SlotCount;
        *(uint*)(region + LockLayout.SizeOffset) = LockLayout.Size;
        Volatile.Write(ref *(ulong*)(region + LockLayout.MagicOffset), LockLayout.Magic);
    }

    /// <summary>Tells what is wrong with a header, or null if it is one of ours.</summary>
    public static string? Problem(byte* region)
    {
        // Bounds: the caller has mapped at least HeaderSize bytes.
        if (Volatile.Read(ref *(ulong*)(region + LockLayout.MagicOffset)) != LockLayout.Magic)
        {
            return "it does not begin with the mark of a lock file";
        }

        uint version = *(uint*)(region + LockLayout.VersionOffset);
        if (version == 0)
        {
            return "it was not laid out to its end";
        }

        if (version != LockLayout.Version)
        {
            return $"it has version {version}, and this engine knows version {LockLayout.Version}";
        }

        bool fits = *(uint*)(region + LockLayout.ProcessCountOffset) == LockLayout.ProcessCount
            && *(uint*)(region + LockLayout.SlotCountOffset) == LockLayout.SlotCount
            && *(uint*)(region + LockLayout.SizeOffset) == LockLayout.Size;
        return fits ? null : "its tables have other sizes than this engine's";
    }
}
