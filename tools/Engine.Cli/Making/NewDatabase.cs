using Engine.Cli.Shared;
using Engine.Storage;

namespace Engine.Cli.Making;

/// <summary>
/// A database file in the making, beside the place where it is to be. It appears there only when it is complete, checked and durable; whatever happens before, nothing
/// is left behind (unless the process is killed: then a file <c>…-partial-…</c> that can be deleted).
/// </summary>
internal sealed class NewDatabase : IDisposable
{
    private readonly string _path;
    private bool _isFinished;

    private NewDatabase(string path)
    {
        _path = path;
        PartialPath = $"{path}-partial-{Guid.NewGuid().ToString("N")[..8]}";
    }

    /// <summary>The file while it is not finished.</summary>
    public string PartialPath { get; }

    private string PartialLock => PartialPath + "-lock";

    /// <summary>Begins; makes nothing yet.</summary>
    /// <exception cref="UsageException">There is something at the path already.</exception>
    public static NewDatabase At(string path)
    {
        var made = new NewDatabase(path);
        made.RefuseExisting();
        return made;
    }

    /// <summary>Checks the unfinished file, makes it durable, and gives it its name. Nobody may have it open.</summary>
    /// <exception cref="VerificationFailedException">The check found damage.</exception>
    public IntegrityReport Finish(CommandContext context)
    {
        IntegrityReport report = Check(context);
        if (!report.IsOk)
            throw new VerificationFailedException($"the new file failed its check ({report.Problems[0]}) and was removed: the disk or the source is damaged; run engine check on the source");
        context.Cancellation.ThrowIfCancellationRequested();
        Rename();
        _isFinished = true;
        using var storage = new FileStorage(_path, withoutLock: true);
        storage.FlushDirectory();
        return report;
    }

    public void Dispose()
    {
        File.Delete(PartialLock);
        if (!_isFinished)
            File.Delete(PartialPath);
    }

    private IntegrityReport Check(CommandContext context)
    {
        using Database database = DatabaseFiles.OpenForReading(PartialPath, withoutLock: true);
        return context.Progress.Run(
            "checking the new file",
            new FileInfo(PartialPath).Length / database.PageSize,
            progress => database.Check(at => progress((long)at.PagesChecked, (long)at.PagesChecked), context.Cancellation),
            "page", "pages");
    }

    /// <summary>Without replacing what somebody else may have put there meanwhile.</summary>
    private void Rename()
    {
        try
        {
            File.Move(PartialPath, _path, overwrite: false);
        }
        catch (IOException)
        {
            RefuseExisting();
            throw;
        }
    }

    private void RefuseExisting()
    {
        if (File.Exists(_path) || Directory.Exists(_path))
            throw new UsageException($"'{_path}' exists: give the path of a new file");
    }
}
