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
    /// <param name="region">The region.</param>
    /// <param name="processes">So many process entries were used at most.</param>
    public static void Clear(byte* region, int processes)
    {
        // Bounds: UsedEntries and UsedSlots are at most the tables' lengths.
        NativeMemory.Clear(region + LockLayout.SlotsOffset, UsedSlots(region));
        NativeMemory.Clear(region, UsedEntries(processes));
        WriteConstants(region);
    }

    /// <summary>Copies an initialised region over another one, touching only what was used in either.</summary>
    /// <param name="source">The region to be copied.</param>
    /// <param name="destination">The region to be written over.</param>
    /// <param name="processes">So many process entries were used at most, in either.</param>
    public static void Copy(byte* source, byte* destination, int processes)
    {
        // Bounds: UsedEntries and UsedSlots are at most the tables' lengths. Beyond them both regions hold zeros. The
        // slots come first: the header says how many.
        nuint slots = Math.Max(UsedSlots(source), UsedSlots(destination));
        NativeMemory.Copy(source + LockLayout.SlotsOffset, destination + LockLayout.SlotsOffset, slots);
        NativeMemory.Copy(source, destination, UsedEntries(processes));
    }

    private static nuint UsedEntries(int processes) =>
        (nuint)(LockLayout.ProcessesOffset + (Math.Min(processes, LockLayout.ProcessCount) * LockLayout.ProcessSize));

    // Slots at or above the high-water mark are zeros: they were never claimed, or freed before the mark was lowered.
    private static nuint UsedSlots(byte* region) =>
        Math.Min(*(uint*)(region + LockLayout.HighWaterOffset), LockLayout.SlotCount) * (nuint)LockLayout.SlotSize;

    private static void WriteConstants(byte* region)
    {
        *(uint*)(region + LockLayout.VersionOffset) = LockLayout.Version;
        *(uint*)(region + LockLayout.ProcessCountOffset) = LockLayout.ProcessCount;
        *(uint*)(region + LockLayout.SlotCountOffset) = LockLayout.SlotCount;
        *(uint*)(region + LockLayout.SizeOffset) = LockLayout.Size;
        Volatile.Write(ref *(ulong*)(region + LockLayout.MagicOffset), LockLayout.Magic);
    }

    /// <summary>
    /// Takes over the flush mark of a header of an earlier version, which has it at the same place: the cache that it
    /// warns of outlives a change of the layout.
    /// </summary>
    public static void KeepFlushMarkOfEarlierVersion(byte* from, byte* to)
    {
        // Bounds: the caller has HeaderSize bytes of each.
        bool isEarlier = Volatile.Read(ref *(ulong*)(from + LockLayout.MagicOffset)) == LockLayout.Magic
            && *(uint*)(from + LockLayout.VersionOffset) is > 0 and < LockLayout.Version;
        if (isEarlier)
        {
            *(uint*)(to + LockLayout.FlushMarkOffset) = *(uint*)(from + LockLayout.FlushMarkOffset);
        }
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
            return $"it has version {version}, and this engine knows version {LockLayout.Version} only";
        }

        bool fits = *(uint*)(region + LockLayout.ProcessCountOffset) == LockLayout.ProcessCount
            && *(uint*)(region + LockLayout.SlotCountOffset) == LockLayout.SlotCount
            && *(uint*)(region + LockLayout.SizeOffset) == LockLayout.Size;
        return fits ? null : "its tables have other sizes than this engine's";
    }
}
