using System.Diagnostics;

namespace Engine.Storage;

/// <content>Which database file it is about, and which lock file it is.</content>
internal sealed unsafe partial class LockFile
{
    /// <summary>Tells this lock file from others, as a key of <see cref="FileClaims"/>.</summary>
    public long Key => _region.Key;

    /// <summary>
    /// Whether it names a database file. A new one does not, until the first writer has made the file.
    /// </summary>
    public bool NamesDatabase => LockSubject.Read(Live).IsKnown;

    /// <summary>
    /// Whether the marks and the published id may be about this file. They are not if the lock file was copied, or if
    /// the database was deleted or replaced under its path while somebody has it open.
    /// </summary>
    public bool IsAbout(FileIdentity database) => IsPrivate || LockSubject.MayBe(Live, database);

    /// <summary>
    /// Called by the writer when nobody else relies on what is said of another file: from here on, all is about this
    /// one.
    /// </summary>
    public void BeAbout(FileIdentity database)
    {
        if (!HoldsWriterLock)
        {
            throw new InvalidOperationException("Only the writer says which file the lock file is about.");
        }

        if (!IsAbout(database))
        {
            FlushMark = false;
            ForgetPublishedId();
            ForgetHowItWasClosed();
        }

        if (Boot != _region.BootId)
        {
            // What was durable before the machine was started says nothing now, and what follows says that all is of
            // this start.
            ForgetPublishedId();
        }

        if (database.IsKnown)
        {
            LockSubject.Write(Live, database);
        }
    }

    /// <summary>
    /// Waits for a moment until no other participant is registered that may live: the locks of a killed one outlive it.
    /// </summary>
    /// <returns>What to call one that stays, in a message; null if there is none.</returns>
    public string? FindOther()
    {
        long start = Stopwatch.GetTimestamp();
        while (HasOthers)
        {
            if (Stopwatch.GetElapsedTime(start) > PatienceWithPassers)
            {
                return Describe(DescribeProcesses().FirstOrDefault(
                    info => !info.IsOwn && info.Liveness is ProcessLiveness.Alive or ProcessLiveness.Unknown));
            }

            Thread.Sleep(1);
        }

        return null;
    }

    private static string Describe(ProcessInfo other) =>
        other.ProcessId == 0 ? "another process"
        : other.ProcessId == Environment.ProcessId && other.IsOurNamespace ? $"this process ({other.ProcessId})"
        : $"process {other.ProcessId}";

    /// <summary>
    /// Refuses a file beside whose lock file somebody writes to another file: this one's readers would be led by that
    /// one's marks.
    /// </summary>
    /// <param name="file">The database file as it was opened here, for reading.</param>
    /// <param name="name">What messages call the database.</param>
    /// <exception cref="DatabaseReplacedException">The writer has another file open.</exception>
    public void RequireWritersFile(IStorageFile file, string name)
    {
        // The writer shows itself on the very file that it has open: that is certain where the numbers of files are
        // not. One that is just opening or closing does not yet, or no more.
        long start = Stopwatch.GetTimestamp();
        while (!IsAbout(file.Presence.Identity) && HasLiveWriter && file.Presence.IsWrittenUnder(this) == false)
        {
            if (Stopwatch.GetElapsedTime(start) > PatienceWithPassers)
            {
                throw new DatabaseReplacedException(
                    $"'{name}' is another file than the one that {DescribeWriter()} has open for writing under this "
                    + "name: the database file was deleted or replaced by another one while it was open there. Close "
                    + "it there first.");
            }

            Thread.Sleep(1);
        }
    }
}
