namespace Engine.Storage;

/// <summary>
/// What the header of a lock file says of the database file that it is about. A lock file that was copied with its
/// database, or stayed behind when that was deleted, is about another file: its marks, its writer and its readers mean
/// nothing.
/// </summary>
internal static unsafe class LockSubject
{
    /// <summary>The file; unknown in a new lock file.</summary>
    public static FileIdentity Read(byte* header)
    {
        // Bounds: here and below, the caller has HeaderSize bytes. Each field is aligned, and read and written whole.
        // The inode is written last and read first: once a new lock file has it, it has the rest.
        ulong inode = Volatile.Read(ref *(ulong*)(header + LockLayout.DatabaseInodeOffset));
        return new(
            Volatile.Read(ref *(ulong*)(header + LockLayout.DatabaseDeviceOffset)),
            inode,
            Volatile.Read(ref *(ulong*)(header + LockLayout.DatabaseBirthOffset)));
    }

    /// <summary>Says which file it is about, as of this start of the machine.</summary>
    public static void Write(byte* header, FileIdentity database)
    {
        Volatile.Write(ref *(ulong*)(header + LockLayout.DatabaseDeviceOffset), database.Device);
        Volatile.Write(ref *(ulong*)(header + LockLayout.DatabaseBirthOffset), database.Birth);
        *(Guid*)(header + LockLayout.BootIdOffset) = BootIdentity.Current;
        Volatile.Write(ref *(ulong*)(header + LockLayout.DatabaseInodeOffset), database.Inode);
    }

    /// <summary>Whether it may be about this file.</summary>
    public static bool MayBe(byte* header, FileIdentity database) => Read(header).MayBe(database, IsOfThisBoot(header));

    /// <summary>Whether nothing says that it was written before the machine was started.</summary>
    public static bool IsOfThisBoot(byte* header)
    {
        Guid boot = *(Guid*)(header + LockLayout.BootIdOffset);
        return boot == Guid.Empty || BootIdentity.Current == Guid.Empty || boot == BootIdentity.Current;
    }

    /// <summary>
    /// Takes over what outlives the start of the machine, from the header of a lock file that is about the same file:
    /// how the file was closed. Processes, readers, what was published and whether the cache can be believed do not.
    /// </summary>
    public static void KeepHowItWasClosed(byte* from, byte* to)
    {
        *(uint*)(to + LockLayout.CleanMarkOffset) = *(uint*)(from + LockLayout.CleanMarkOffset);
        *(ulong*)(to + LockLayout.ClosedIdOffset) = *(ulong*)(from + LockLayout.ClosedIdOffset);
        *(Guid*)(to + LockLayout.FileIdOffset) = *(Guid*)(from + LockLayout.FileIdOffset);
    }
}
