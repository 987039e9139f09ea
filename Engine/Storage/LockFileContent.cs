using Microsoft.Win32.SafeHandles;

namespace Engine.Storage;

/// <summary>What lies in a file that has the name of a lock file.</summary>
/// <param name="Problem">Why it cannot be used as it is; null if it can.</param>
/// <param name="IsForeign">Whether it is something of somebody else: then it is never written to.</param>
/// <param name="IsStale">
/// Whether it is sound, but says things about another file than the database, or about another start of the machine.
/// </param>
internal readonly record struct LockFileContent(string? Problem, bool IsForeign = false, bool IsStale = false)
{
    /// <summary>Looks at an open file without changing it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">Its name, for messages.</param>
    /// <param name="database">The database beside it; null if there is none.</param>
    public static unsafe LockFileContent Of(SafeFileHandle file, string path, FileIdentity? database)
    {
        byte* header = stackalloc byte[LockLayout.HeaderSize];
        try
        {
            long length = RandomAccess.GetLength(file);

            // Bounds: the span has exactly the bytes that were just reserved. What the file does not fill stays zero.
            var bytes = new Span<byte>(header, LockLayout.HeaderSize);
            bytes.Clear();
            int read = RandomAccess.Read(file, bytes, 0);
            if (read < sizeof(ulong) || *(ulong*)(header + LockLayout.MagicOffset) != LockLayout.Magic)
            {
                return OfUnmarked(file, length);
            }

            // The header first: a file of another version may be shorter, and that is not what is wrong with it.
            string? problem = LockHeader.Problem(header) ?? (length < LockLayout.Size ? "it is too short" : null);
            return new LockFileContent(problem, IsStale: problem is null && IsAboutAnother(header, database));
        }
        catch (Exception e) when (StorageErrors.IsFileFailure(e))
        {
            throw StorageErrors.Read(path, e);
        }
    }

    // Whoever creates a lock file may die before it writes the mark. After a power cut, a file may have its length and
    // none of its bytes.
    private static LockFileContent OfUnmarked(SafeFileHandle file, long length)
    {
        bool hasOneName = !FileStatus.TryGet(file, out FileStatus status) || status.Links == 1;
        if (length == 0)
        {
            return hasOneName ? new("it is empty") : new("an empty file that has other names as well", IsForeign: true);
        }

        return hasOneName && LockLayout.KnownSizes.Contains(length) && HoldsOnlyZeros(file, (int)length)
            ? new("it holds only zeros")
            : new($"a file of {length} bytes that does not begin with the mark of a lock file", IsForeign: true);
    }

    private static bool HoldsOnlyZeros(SafeFileHandle file, int length)
    {
        byte[] bytes = new byte[length];
        int filled = 0;
        while (filled < length)
        {
            int read = RandomAccess.Read(file, bytes.AsSpan(filled), filled);
            if (read == 0)
            {
                return false;
            }

            filled += read;
        }

        return !bytes.AsSpan().ContainsAnyExcept((byte)0);
    }

    private static unsafe bool IsAboutAnother(byte* header, FileIdentity? database) =>
        !LockSubject.IsOfThisBoot(header)
        || (database is { } known ? !LockSubject.MayBe(header, known) : LockSubject.Read(header).IsKnown);
}
