using Engine.PropertyTests.Model;
using Engine.Storage;

namespace Engine.PropertyTests.Sabotage;

/// <summary>
/// What the simulated disk leaves out: that the right system calls are made on real files, and that their errors are
/// noticed. Linux only.
/// </summary>
internal sealed class FileTier : ITier
{
    public string Name => "real files";

    public string Unit => "rules";

    public void Run(StateCount count)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var folder = Directory.CreateTempSubdirectory("engine-planted-");
        try
        {
            Check(count, folder, RequireFlushes);
            Check(count, folder, RequireFlushErrors);
            Check(count, folder, RequireDirectoryErrors);
            Check(count, folder, RequireCacheToBeDropped);
            Check(count, folder, RequireOneWriter);
            Check(count, folder, RequireWholeReads);
            Check(count, folder, RequireReadersToBeSeen);
            Check(count, folder, RequireWriterToBeSeen);
            Check(count, folder, RequireForeignFilesToBeLeft);
            Check(count, folder, RequireCommitsToBeReachable);
            Check(count, folder, RequireMarksOfThisFile);
        }
        finally
        {
            Trial.Observe(null);
            Trial.Fail(null);
            folder.Delete(recursive: true);
        }
    }

    private static void Check(StateCount count, DirectoryInfo folder, Action<string> rule)
    {
        if (!count.Next())
        {
            return;
        }

        Trial.Observe(null);
        Trial.Fail(null);
        rule(Path.Combine(folder.FullName, $"{rule.Method.Name}.db"));
    }

    private static Database Open(string path, bool readOnly = false) =>
        Database.Open(
            path,
            new DatabaseOptions
            {
                PageSize = 256,
                AllowTestPageSizes = true,
                FlushInterval = Timeout.InfiniteTimeSpan,
                ReadOnly = readOnly
            });

    private static void Put(Database database, byte key)
    {
        using var transaction = database.BeginWrite();
        transaction.Main.Put([key], [key]);
        transaction.Commit();
    }

    private static void RequireFlushes(string path)
    {
        var calls = new List<string>();
        Trial.Observe(calls);
        using var database = Open(path);
        var file = calls.IndexOf("fdatasync");
        Require(
            file >= 0 && calls.LastIndexOf("fsync") > file, "creation does not flush the file and then the directory");
        calls.Clear();
        Put(database, 1);
        Require(calls.Contains("fdatasync"), "a durable commit flushes nothing");
    }

    private static void RequireFlushErrors(string path)
    {
        using var database = Open(path);
        Put(database, 1);
        Trial.Fail("fdatasync");
        RequireException<DatabasePoisonedException>(
            () => Put(database, 2), "a commit whose flush failed is reported as durable");
    }

    private static void RequireDirectoryErrors(string path)
    {
        Trial.Fail("fsync");
        RequireException<DatabaseException>(
            () => Open(path).Dispose(), "a database whose directory could not be flushed is served");
    }

    // A copy has no lock file that says how its last writer ended.
    private static void RequireCacheToBeDropped(string path)
    {
        using (var database = Open(path))
        {
            Put(database, 1);
            File.Copy(path, path + "-copy");
        }

        var calls = new List<string>();
        Trial.Observe(calls);
        Open(path + "-copy").Dispose();
        Require(
            calls.Contains("posix_fadvise 4"), "the cache of a file that was not closed in good order is not dropped");
    }

    private static void RequireOneWriter(string path)
    {
        using var database = Open(path);
        File.Delete(path + "-lock");
        RequireException<DatabaseBusyException>(() => Open(path).Dispose(), "two writers have one file open");
    }

    private static void RequireWholeReads(string path)
    {
        Open(path).Dispose();
        using var storage = new FileStorage(path);
        using var file = storage.OpenFile(writable: false);
        RequireException<DatabaseCorruptException>(
            () => file.Read(file.Length - 10, new byte[20]), "bytes behind the end of a file were read");
    }

    private static void RequireReadersToBeSeen(string path)
    {
        Open(path).Dispose();
        using var reader = Open(path, readOnly: true);
        File.Delete(path + "-lock");
        RequireException<DatabaseBusyException>(
            () => Open(path).Dispose(), "a writer does not see who reads under another lock file");
    }

    private static void RequireWriterToBeSeen(string path)
    {
        Open(path).Dispose();
        Require(Libc.Link(path, path + "-link") == 0, "a file can have two names");
        Open(path + "-link", readOnly: true).Dispose();
        using var writer = Open(path);
        RequireException<DatabaseBusyException>(
            () => Open(path + "-link", readOnly: true).Dispose(),
            "a reader does not see who writes under another lock file");
    }

    private static void RequireForeignFilesToBeLeft(string path)
    {
        const string Text = "somebody's words";
        Open(path).Dispose();
        File.WriteAllText(path + "-lock", Text);
        RequireException<DatabaseFormatException>(
            () => Open(path).Dispose(), "a file that is no lock file is taken for one");
        Require(File.ReadAllText(path + "-lock") == Text, "a file of somebody else was written to");
    }

    private static void RequireCommitsToBeReachable(string path)
    {
        using var database = Open(path);
        File.Delete(path);
        RequireException<DatabaseReplacedException>(
            () => Put(database, 1), "a commit to a file without a name is reported as durable");
    }

    private static void RequireMarksOfThisFile(string path)
    {
        const int FlushMark = 32;
        Open(path).Dispose();
        var copy = path + "-copy";
        File.Copy(path, copy);
        var marks = File.ReadAllBytes(path + "-lock");
        marks[FlushMark] = 1;
        File.WriteAllBytes(copy + "-lock", marks);
        try
        {
            Open(copy, readOnly: true).Dispose();
        }
        catch (DatabaseAccessException)
        {
            throw new PropertyFailedException("a copied lock file is believed");
        }
    }

    private static void RequireException<T>(Action action, string problem)
        where T : Exception
    {
        try
        {
            action();
        }
        catch (T)
        {
            return;
        }

        throw new PropertyFailedException(problem);
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition)
        {
            throw new PropertyFailedException(problem);
        }
    }
}
