using Engine.Storage;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Backups;

/// <summary>Backups in memory, and what they are compared by.</summary>
internal static class BackupFixture
{
    public static byte[] BackUp(
        Snapshot snapshot, Snapshot? since = null, BackupCompression compression = BackupCompression.None)
    {
        using var stream = new MemoryStream();
        var info = snapshot.BackUp(stream, new BackupOptions { Since = since, Compression = compression });
        Assert.That(info.Bytes, Is.EqualTo(stream.Length));
        Assert.That(
            (info.BaseId, info.TransactionId),
            Is.EqualTo((since?.TransactionId ?? 0, snapshot.TransactionId)));
        return stream.ToArray();
    }

    /// <summary>A full backup of the newest state.</summary>
    public static byte[] BackUp(Database database)
    {
        using var snapshot = database.OpenSnapshot();
        return BackUp(snapshot);
    }

    public static RestoreReport Restore(IStorage storage, params byte[][] chain) =>
        Backup.Restore(chain.Select(static link => new MemoryStream(link)), storage);

    /// <summary>Opens what a chain is restored to, for writing, after a check of all its pages.</summary>
    public static Database OpenRestored(int pageSize, params byte[][] chain)
    {
        var storage = new MemoryStorage();
        var report = Restore(storage, chain);
        var database = Database.Open(storage, Sample.Options(pageSize));
        var check = database.Check();
        Assert.That(check.IsOk, check.ToString());
        Assert.That((check.Trees, check.Entries), Is.EqualTo((report.Trees, report.Entries)));
        return database;
    }

    public static void AssertSame(
        Dictionary<string, SortedDictionary<byte[], byte[]>> actual,
        Dictionary<string, SortedDictionary<byte[], byte[]>> expected)
    {
        Assert.That(actual.Keys, Is.EquivalentTo(expected.Keys));
        foreach (var (name, entries) in expected)
        {
            Sample.AssertSame(actual[name], entries);
        }
    }
}
