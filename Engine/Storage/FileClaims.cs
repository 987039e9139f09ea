using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Engine.Storage;

/// <summary>
/// Shows on a database file itself that it is open, to those who come to it by another lock file: through a hard link
/// or a bind mount, or after the lock file was deleted. A lock file tells its users of each other; these locks tell
/// users of different lock files. They lie far behind every byte of every database.
/// </summary>
/// <remarks>
/// Who writes shows itself first and looks for readers afterwards; who reads shows itself first and looks for writers
/// afterwards. So of two that come at the same time under different lock files at least one sees the other, and goes.
/// Where the system has no locks of bytes, nothing happens.
/// </remarks>
internal sealed class FileClaims(SafeFileHandle file, string name)
{
    /// <summary>The key of those who have no lock file.</summary>
    public const long KeyWithoutLock = 0;

    /// <summary>Keys are from 0 to one below this.</summary>
    public const long KeyCount = 1L << 60;

    // One byte for whoever writes; and one byte for each lock file, for the writer and for the readers that came by it.
    private const long WriterOffset = 1L << 62;
    private const long WritersOffset = WriterOffset + KeyCount;
    private const long ReadersOffset = WriterOffset + (2 * KeyCount);

    // The locks of a killed process outlive it for a moment.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly FileLocks _locks = new(file, name);
    private long? _key;

    /// <summary>Whether another open has the file open for writing; null if the system does not say.</summary>
    public bool? HasWriter => _locks.IsRangeLockedByOther(WriterOffset);

    /// <summary>
    /// Whether another open writes that came by the lock file with this key; null if the system does not say.
    /// </summary>
    public bool? IsWrittenUnder(long key) => _locks.IsRangeLockedByOther(WritersOffset + key);

    /// <summary>
    /// Shows the one writer, or tells who is in its way. To be called once, by the holder of the lock file's writer
    /// lock.
    /// </summary>
    /// <exception cref="DatabaseBusyException">Somebody writes or reads under another lock file.</exception>
    public void ClaimWriting(long key)
    {
        _key = key;
        bool isAlone = Wait(() => _locks.TryLockRange(WriterOffset, exclusive: true) != false)
            && Wait(() => _locks.TryLockRange(WritersOffset + key, exclusive: true) != false);
        if (!isAlone)
        {
            throw new DatabaseBusyException(
                $"{name} is open for writing already: under another name (a hard link, a bind mount), "
                + "or its lock file was deleted meanwhile. Close it there first.");
        }

        if (!Wait(() => !HasOtherThan(key, ReadersOffset)))
        {
            throw new DatabaseBusyException(
                $"{name} is being read without its lock file, or by another one: under another name (a hard link, a "
                + "bind mount), or because the lock file was deleted meanwhile. Writing would change what is read "
                + "there. Close it there first.");
        }
    }

    /// <summary>
    /// Shows one reader more, or tells that somebody writes who does not see the readers of this lock file. To be
    /// called once.
    /// </summary>
    /// <exception cref="DatabaseBusyException">Somebody writes under another lock file.</exception>
    public void ClaimReading(long key)
    {
        _key = key;
        _ = Wait(() => _locks.TryLockRange(ReadersOffset + key, exclusive: false) != false);
        if (!Wait(() => !HasOtherThan(key, WritersOffset)))
        {
            throw new DatabaseBusyException(
                key == KeyWithoutLock
                    ? $"{name} is open for writing, and what is read without its lock file may change at any moment. "
                        + "Open it with its lock file, or close it there first."
                    : $"{name} is open for writing under another lock file: by another name (a hard link, a bind "
                        + "mount), or the lock file was deleted meanwhile. Its writer would not spare what is read "
                        + "here. Open it by the same name as there, or close it there first.");
        }
    }

    /// <summary>Gives everything back: a mapping that lives on would keep it.</summary>
    public void Release()
    {
        if (_key is { } key)
        {
            _key = null;
            _locks.UnlockRange(WriterOffset);
            _locks.UnlockRange(WritersOffset + key);
            _locks.UnlockRange(ReadersOffset + key);
        }
    }

    // Zero bytes would mean all up to the end.
    private bool HasOtherThan(long key, long offset) =>
        (key > 0 && _locks.IsRangeLockedByOther(offset, key) == true)
        || (key < KeyCount - 1 && _locks.IsRangeLockedByOther(offset + key + 1, KeyCount - key - 1) == true);

    private static bool Wait(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                return false;
            }

            Thread.Sleep(1);
        }

        return true;
    }
}
