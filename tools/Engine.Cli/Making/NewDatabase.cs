using Engine.Cli.Shared;
using Engine.Copies;

namespace Engine.Cli.Making;

/// <summary>
/// A database file in the making, beside the place where it is to be. It appears there only when it is complete,
/// checked and durable; whatever happens before, nothing is left behind (unless the process is killed: then a file
/// <c>…-partial-…</c> that can be deleted).
/// </summary>
internal sealed class NewDatabase : IDisposable
{
    private readonly string _path;
    private readonly UnfinishedFile _file;

    private NewDatabase(string path)
    {
        _path = path;
        _file = new UnfinishedFile(path);
    }

    /// <summary>The file while it is not finished.</summary>
    public string PartialPath => _file.PartialPath;

    /// <summary>Begins; makes nothing yet.</summary>
    /// <exception cref="UsageException">There is something at the path already.</exception>
    public static NewDatabase At(string path)
    {
        var made = new NewDatabase(path);
        made.RefuseExisting();
        return made;
    }

    /// <summary>Runs the work that fills the file. A full disk is reported with what became of the file.</summary>
    public T Fill<T>(Func<T> work) => _file.Fill(work);

    /// <summary>Checks the file, which is complete, durable and closed, and gives it its name.</summary>
    /// <param name="context">Shows how far it has come.</param>
    /// <param name="sourceHasWriter">Whether a process writes to the database that the file was made of.</param>
    /// <exception cref="VerificationFailedException">The check found damage.</exception>
    public IntegrityReport Finish(CommandContext context, bool sourceHasWriter = false)
    {
        IntegrityReport report = Check(context, CheckThreads.Choose(sourceHasWriter));
        if (!report.IsOk)
        {
            throw new VerificationFailedException(
                $"the new file failed its check ({report.Problems[0]}) and was removed: look at the source with engine "
                + "check, and at the disk");
        }

        context.Cancellation.ThrowIfCancellationRequested();
        return _file.TryFinish() ? report : throw Existing();
    }

    public void Dispose() => _file.Dispose();

    private IntegrityReport Check(CommandContext context, int threads)
    {
        using Database database = DatabaseFiles.OpenForReading(context, PartialPath, withoutLock: true);
        return context.Progress.Run(
            "checking the new file",
            new FileInfo(PartialPath).Length / database.PageSize,
            progress => database.Check(
                new IntegrityCheckOptions
                {
                    MaxDegreeOfParallelism = threads,
                    Progress = at => progress(at.PagesChecked, at.PagesChecked),
                },
                context.Cancellation),
            ProgressUnit.Pages);
    }

    private void RefuseExisting()
    {
        if (Path.Exists(_path))
            throw Existing();
    }

    private UsageException Existing() => new($"'{_path}' exists: give the path of a new file");
}
