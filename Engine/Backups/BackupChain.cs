namespace Engine.Backups;

/// <summary>
/// Which stream may follow which: a full backup is first, and each other one builds on the one before.
/// </summary>
internal sealed class BackupChain
{
    private BackupHeader? _last;
    private string _lastName = "";

    /// <summary>Adds the next stream.</summary>
    /// <exception cref="BackupException">It is not the one that has to follow.</exception>
    public void Add(BackupHeader next, string name)
    {
        if (_last is not { } last)
        {
            if (next.BaseId != 0)
            {
                throw new BackupException(
                    $"{name} has only what changed since transaction {next.BaseId}: a chain begins with a full backup. "
                    + $"Give the backups before it first, from the full one to that of transaction {next.BaseId}.");
            }
        }
        else if (next.BaseId == 0)
        {
            throw new BackupException(
                $"{name} is a full backup, which follows nothing: give it alone, or first, with what builds on it.");
        }
        else if (next.State.FileId != last.State.FileId || next.State.PageSize != last.State.PageSize)
        {
            throw new BackupException(
                $"{name} was taken from another database (file id {next.State.FileId}) than {_lastName} "
                + $"({last.State.FileId}). Give the backups of one database.");
        }
        else if (next.BaseId != last.State.Id)
        {
            throw new BackupException(
                $"{name} builds on transaction {next.BaseId}, but {_lastName} before it leads to transaction "
                + $"{last.State.Id}: a backup between them is missing, or the order is wrong. Give the full backup and "
                + "then each that builds on the one before, oldest first.");
        }
        else if (next.BaseSum != last.State.Sum)
        {
            throw new BackupException(
                $"{name} builds on another state of transaction {next.BaseId} than that of {_lastName}: they were "
                + "taken from two copies of one database file, which have gone different ways. Give the backups of "
                + "one of them.");
        }

        (_last, _lastName) = (next, name);
    }
}
