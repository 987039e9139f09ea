namespace Engine.Storage;

/// <summary>
/// What tells a file from every other one, whatever names lead to it. The default value is "unknown" and is never
/// compared.
/// </summary>
/// <param name="Device">The file system. These numbers are given out anew when the machine starts.</param>
/// <param name="Inode">Its number there; 0 if it is unknown.</param>
/// <param name="Birth">
/// When it was created, 0 where the file system does not say. A new file may get the number of one that was just
/// deleted.
/// </param>
internal readonly record struct FileIdentity(ulong Device, ulong Inode, ulong Birth)
{
    /// <summary>Whether it says anything.</summary>
    public bool IsKnown => Inode != 0;

    /// <summary>Whether nothing speaks against both being the same file.</summary>
    /// <param name="other">The other one.</param>
    /// <param name="isOfThisBoot">
    /// Whether both were seen since the machine started: only then do devices say anything.
    /// </param>
    public bool MayBe(FileIdentity other, bool isOfThisBoot = true) =>
        !IsKnown || !other.IsKnown
        || (Inode == other.Inode
            && (Device == other.Device || !isOfThisBoot)
            && (Birth == other.Birth || Birth == 0 || other.Birth == 0));
}
