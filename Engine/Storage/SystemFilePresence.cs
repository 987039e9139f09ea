using Microsoft.Win32.SafeHandles;

namespace Engine.Storage;

/// <summary>The presence of a file of the operating system.</summary>
internal sealed class SystemFilePresence(SafeFileHandle file, string path, bool writable) : FilePresence
{
    private readonly FileClaims _claims = new(file, path);
    private FileIdentity _identity;
    private FileIdentity _numbers;
    private long _key;

    public override FileIdentity Identity => _identity;

    public override bool CanBeReplaced => true;

    public override bool IsBeingWritten => _claims.HasWriter == true;

    public override void Join(LockFile? lockFile)
    {
        _key = lockFile?.Key ?? FileClaims.KeyWithoutLock;
        if (writable)
        {
            _claims.ClaimWriting(_key);
        }
        else
        {
            _claims.ClaimReading(_key);
        }

        _identity = DatabaseIdentity.Of(file, path);
        _numbers = FileStatus.TryGet(file, out FileStatus status) ? status.Identity : default;
    }

    public override bool? IsWrittenUnder(LockFile lockFile) => _claims.IsWrittenUnder(lockFile.Key);

    // One call of the system where nothing happened: a microsecond and a half, of the hundreds that a flush takes.
    public override void RequireReachable()
    {
        if (!_numbers.IsKnown)
        {
            return;
        }

        if (FileStatus.TryGet(path, followLinks: true, out FileStatus named, out int error))
        {
            bool isSame = !named.Identity.IsKnown
                || (named.Identity.Inode == _numbers.Inode && named.Identity.Device == _numbers.Device);
            if (!isSame && !IsClaimedAt(path, named.Kind))
            {
                throw new DatabaseReplacedException(
                    $"{path} is another file now: the database file was deleted or replaced by another one while it "
                    + "was open. What is committed here would go to a file that the path does not reach any more, so "
                    + "nothing more is. What was committed before can still be read here. Close the database, and open "
                    + "it again to use the file that is there now.");
            }
        }
        else if (error is Errno.ENOENT or Errno.ENOTDIR && IsNameless())
        {
            throw new DatabaseReplacedException(
                $"{path} was deleted while it was open. What is committed here would go to a file that no name reaches "
                + "any more, so nothing more is. What was committed before can still be read here; it is gone when the "
                + "database is closed.");
        }
    }

    /// <summary>Ends what <see cref="Join"/> began.</summary>
    public void Leave() => _claims.Release();

    // There are file systems whose numbers do not last. The locks do: nobody but us has the file with our claim.
    private bool IsClaimedAt(string place, FileKind kind)
    {
        if (!writable || kind != FileKind.Regular)
        {
            return false;
        }

        try
        {
            using SafeFileHandle again = File.OpenHandle(
                place, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return new FileClaims(again, place).IsWrittenUnder(_key) == true;
        }
        catch (Exception e) when (StorageErrors.IsFileFailure(e))
        {
            return false;
        }
    }

    // A database that was moved, or whose directory was, has its file all the same, and so has one in a directory that
    // this process does not see any more.
    private bool IsNameless()
    {
        if (!FileStatus.TryGet(file, out FileStatus status) || status.Links == 0)
        {
            return true;
        }

        // The name by which it was opened may be gone while others are left, those of a backup for one.
        const string Deleted = " (deleted)";
        try
        {
            string? link = OperatingSystem.IsLinux()
                ? new FileInfo($"/proc/self/fd/{file.DangerousGetHandle()}").LinkTarget
                : null;
            return link is not null && link.EndsWith(Deleted, StringComparison.Ordinal) && !File.Exists(link);
        }
        catch (Exception e) when (StorageErrors.IsFileFailure(e))
        {
            return false;
        }
    }
}
