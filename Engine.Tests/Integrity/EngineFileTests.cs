using Engine.Integrity;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Integrity;

/// <summary>What the engine writes passes the check that was written apart from it, after every commit.</summary>
public sealed class EngineFileTests
{
    private string _directory = "";

    [SetUp]
    public void MakeDirectory() => _directory = Directory.CreateTempSubdirectory("engine-integrity-").FullName;

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    [Test, Sampled("seed", 1)]
    public void Check_OfFileAfterEveryCommit_Passes(
        [Values(256, 512, 4096, 65536)] int pageSize, [Values(2, 1, 3)] int seed)
    {
        var path = Path.Combine(_directory, "test.db");
        var random = new Random(seed * pageSize);
        var options = new DatabaseOptions
        {
            PageSize = pageSize,
            AllowTestPageSizes = true,
            FlushInterval = TimeSpan.FromHours(1)
        };
        var snapshots = new Queue<Snapshot>();
        var namesSeen = 0L;
        var pagesKept = 0L;
        for (var session = 0; session < 3; session++)
        {
            using (var database = Database.Open(path, options))
            {
                Check(path, "after opening");
                for (var commit = 0; commit < 40; commit++)
                {
                    using var transaction = database.BeginWrite();
                    for (var change = random.Next(1, 60); change > 0; change--)
                        Change(database, transaction, random);
                    if (seed > 1 && random.Next(3) == 0)
                        ChangeNames(transaction, random);
                    if (random.Next(8) == 0)
                        transaction.Abort();
                    else
                        transaction.Commit(random.Next(4) == 0 ? CommitMode.Deferred : CommitMode.Durable);
                    if (random.Next(3) == 0)
                        snapshots.Enqueue(database.OpenSnapshot());
                    while (snapshots.Count > 4)
                        snapshots.Dequeue().Dispose();
                    var report = Check(path, $"session {session}, commit {commit}");
                    (namesSeen, pagesKept) = (namesSeen + report.Snapshots, pagesKept + report.SnapshotPages);
                }

                while (snapshots.Count > 0)
                    snapshots.Dequeue().Dispose();
            }

            Check(path, $"after closing session {session}");
        }

        Assert.That((namesSeen > 0, pagesKept > 0), Is.EqualTo((seed > 1, seed > 1)));
    }

    private static void ChangeNames(WriteTransaction transaction, Random random)
    {
        var name = $"name-{random.Next(5)}";
        if (!transaction.DeleteSnapshot(name) || random.Next(3) == 0)
            transaction.CreateSnapshot(name);
    }

    private static void Change(Database database, WriteTransaction transaction, Random random)
    {
        var tree = random.Next(3) == 0 ? database.GetTree($"tree-{random.Next(6)}") : database.Main;
        if (tree != database.Main)
        {
            transaction.CreateTree(tree.Name);
            if (random.Next(40) == 0)
            {
                transaction.DropTree(tree);
                return;
            }

            if (random.Next(40) == 0)
            {
                transaction[tree].Clear();
                return;
            }
        }

        var key = new byte[random.Next(4) == 0 ? random.Next(database.MaxKeyLength + 1) : random.Next(1, 6)];
        for (var i = 0; i < key.Length; i++)
            key[i] = (byte)"abcz"[random.Next(4)];
        switch (random.Next(10))
        {
            case < 6:
                var value = new byte[random.Next(5) == 0 ? random.Next(4 * database.PageSize) : random.Next(30)];
                random.NextBytes(value);
                transaction[tree].Put(key, value);
                break;
            case < 9:
                transaction[tree].Delete(key);
                break;
            default:
                transaction[tree].DeleteRange(key, [.. key, (byte)'b']);
                break;
        }
    }

    private static IntegrityReport Check(string path, string when)
    {
        using var reader = new FileReader(path);
        var report = AnyDegree.Check(
            degree => IntegrityCheck.Run(reader, new IntegrityCheckOptions { MaxDegreeOfParallelism = degree }));
        Assert.That(report.IsOk, $"{when}: {report}");
        Assert.That(report.Notes, Is.Empty, when);
        return report;
    }

    private sealed class FileReader(string path) : IPageReader, IDisposable
    {
        private readonly FileStream _file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);

        public long Length => _file.Length;

        public void Read(long offset, Span<byte> destination) =>
            RandomAccess.Read(_file.SafeFileHandle, destination, offset);

        public void Dispose() => _file.Dispose();
    }
}
