using Engine.PropertyTests.Model;
using Engine.Storage;

namespace Engine.PropertyTests.Sabotage;

/// <summary>What the simulated disk leaves out: that the right system calls are made on real files, and that their errors are noticed. Linux only.</summary>
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
        count.Next();
        Trial.Observe(null);
        Trial.Fail(null);
        rule(Path.Combine(folder.FullName, $"{rule.Method.Name}.db"));
    }

    private static Database Open(string path) =>
        Database.Open(path, new DatabaseOptions { PageSize = 256, AllowTestPageSizes = true, FlushInterval = Timeout.InfiniteTimeSpan });

    private static void Put(Database database, byte key)
    {
        using var transaction = database.BeginWrite();
        transaction.Put(database.Main, [key], [key]);
        transaction.Commit();
    }

    private static void RequireFlushes(string path)
    {
        var calls = new List<string>();
        Trial.Observe(calls);
        using var database = Open(path);
        var file = calls.IndexOf("fdatasync");
        Require(file >= 0 && calls.LastIndexOf("fsync") > file, "creation does not flush the file and then the directory");
        calls.Clear();
        Put(database, 1);
        Require(calls.Contains("fdatasync"), "a durable commit flushes nothing");
    }

    private static void RequireFlushErrors(string path)
    {
        using var database = Open(path);
        Put(database, 1);
        Trial.Fail("fdatasync");
        RequireException<DatabasePoisonedException>(() => Put(database, 2), "a commit whose flush failed is reported as durable");
    }

    private static void RequireDirectoryErrors(string path)
    {
        Trial.Fail("fsync");
        RequireException<DatabaseException>(() => Open(path).Dispose(), "a database whose directory could not be flushed is served");
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
        Require(calls.Contains("posix_fadvise 4"), "the cache of a file that was not closed in good order is not dropped");
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
        RequireException<DatabaseCorruptException>(() => file.Read(file.Length - 10, new byte[20]), "bytes behind the end of a file were read");
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
