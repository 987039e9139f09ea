namespace Engine.Storage;

/// <summary>
/// The bytes of the lock file: a header of two cache lines, a process table and a reader table. Described for people in
/// docs/locking.md; a change here is a new <see cref="Version"/>.
/// </summary>
internal static class LockLayout
{
    /// <summary>The ASCII bytes <c>ENGNLOCK</c>, read as a little-endian number.</summary>
    public const ulong Magic = 0x4B434F4C4E474E45;

    public const uint Version = 2;

    /// <summary>Entries of the process table, with the one that is kept for a writer.</summary>
    public const int ProcessCount = 1022;
    public const int ProcessSize = 64;
    public const int SlotCount = 4096;
    public const int SlotSize = 64;

    /// <summary>
    /// The process entry that only an open for writing takes, so that a writer gets in however many read.
    /// </summary>
    public const int WriterEntry = 0;

    // Header, first line: what says that this is a lock file (the magic is written first, so that what a killed process
    // leaves is known as ours, and the version last); who writes; and what is known of the database file.
    public const int MagicOffset = 0;
    public const int VersionOffset = 8;
    public const int ProcessCountOffset = 12;
    public const int SlotCountOffset = 16;
    public const int SizeOffset = 20;
    public const int WriterOffset = 24;
    public const int FlushMarkOffset = 32;
    public const int CleanMarkOffset = 36;
    public const int DatabaseDeviceOffset = 40;
    public const int DatabaseInodeOffset = 48;
    public const int ClosedIdOffset = 56;

    // Header, second line: what readers look at.
    public const int PublishedOffset = 64;
    public const int HighWaterOffset = 72;
    public const int SessionOffset = 76;
    public const int BootIdOffset = 80;
    public const int FileIdOffset = 96;
    public const int DatabaseBirthOffset = 112;
    public const int FormerIdOffset = 120;

    public const int HeaderSize = 128;
    public const int ProcessesOffset = HeaderSize;
    public const int SlotsOffset = ProcessesOffset + (ProcessCount * ProcessSize);
    public const int Size = SlotsOffset + (SlotCount * SlotSize);

    /// <summary>The sizes that lock files of this version and of earlier ones have.</summary>
    public static readonly long[] KnownSizes = [270_336, Size];

    // Process entry.
    public const int ProcessTokenOffset = 0;
    public const int ProcessStartOffset = 8;
    public const int ProcessStateOffset = 16;
    public const int ProcessEpochOffset = 24;

    // Reader slot.
    public const int SlotOwnerOffset = 0;
    public const int SlotIdOffset = 8;

    /// <summary>The entry is filled in: its start time and epoch can be believed.</summary>
    public const uint StateReady = 1;

    /// <summary>
    /// In the token: the process keeps the entry's byte of the file locked for as long as it lives. In the word that
    /// takes the entry, so that there is no moment at which an entry is taken and does not say so. No process has a
    /// number with this bit.
    /// </summary>
    public const ulong TokenKeepsLock = 1UL << 31;

    /// <summary>The name of an owner of slots: entry index + 1, and above it the epoch of the registration.</summary>
    public static ulong Owner(int index, ulong epoch) => (uint)(index + 1) | (epoch << 16);

    /// <summary>The entry index that an owner names, or −1 if it can be none.</summary>
    public static int OwnerIndex(ulong owner)
    {
        int index = (int)(owner & 0xFFFF) - 1;
        return index < ProcessCount ? index : -1;
    }
}
