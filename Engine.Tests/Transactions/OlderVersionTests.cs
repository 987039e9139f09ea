using System.IO.Compression;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>
/// Files of version 2, as an engine wrote them that knew no other: they open read-only, by the rules of that version.
/// </summary>
public class OlderVersionTests
{
    private TempDirectory _directory = null!;

    private string Path => _directory.DatabasePath;

    private static string[] Names => ["named", "verified", "log", "torn"];

    [SetUp]
    public void MakeDirectory() => _directory = new TempDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    /// <summary>The bytes of a file of version 2.</summary>
    public static byte[] Fixture(string name)
    {
        var path = System.IO.Path.Combine(
            RepositoryFiles.Root, "Engine.Tests", "Fixtures", $"version-2-{name}.db.gz");
        using var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    [Test]
    public void File_OpensReadOnly_AndIsSound([ValueSource(nameof(Names))] string name)
    {
        var bytes = Write(name);
        using (var database = Database.Open(Path, new DatabaseOptions { ReadOnly = true }))
        {
            Assert.That(database.Check().IsOk);
            using var read = database.BeginRead();
            foreach (var treeName in read.GetTreeNames().Append(""))
            {
                var tree = treeName.Length == 0 ? read.Main : read[database.GetTree(treeName)];
                long entries = 0;
                foreach (var (key, value) in tree.All())
                {
                    entries += key.Length + value.Length > 0 ? 1 : 0;
                }

                Assert.That(entries, Is.EqualTo(tree.Count));
            }
        }

        Assert.That(File.ReadAllBytes(Path).AsSpan().SequenceEqual(bytes));
    }

    [Test]
    public void File_HoldsWhatWasPutIntoIt()
    {
        Write("named");
        using (var database = Open())
        using (var read = database.BeginRead())
        {
            Assert.That(read.GetTreeNames(), Is.EqualTo(new[] { "animals", "städte", "zz" }));
            Assert.That(read.Main.Count, Is.EqualTo(301));
            Assert.That(read.Main.Get("key-0123"u8), Is.EqualTo("value 123"u8.ToArray()));
            var big = Enumerable.Range(0, 20_000).Select(i => (byte)((i * 7) + (i / 256))).ToArray();
            Assert.That(read.Main.Get("big"u8), Is.EqualTo(big));
            Assert.That(read[database.GetTree("animals")].Get("big"u8), Is.EqualTo(big));
            Assert.That(read[database.GetTree("zz")].Get("zz-39"u8), Is.EqualTo("1521"u8.ToArray()));
        }

        // The newest commit is a verified one; in the other file its meta is torn.
        foreach (var (name, last) in new[] { ("verified", "w56"), ("torn", "v56") })
        {
            Write(name);
            using var database = Open();
            using var read = database.BeginRead();
            Assert.That(read.Main.Get("k049"u8), Is.EqualTo("w49"u8.ToArray()), name);
            Assert.That(read.Main.Get("k056"u8), Is.EqualTo(System.Text.Encoding.ASCII.GetBytes(last)), name);
        }
    }

    [Test]
    public void File_IsNotOpenedForWriting_AndNothingIsMadeBesideIt([ValueSource(nameof(Names))] string name)
    {
        var bytes = Write(name);
        Assert.That(
            () => Database.Open(Path),
            Throws.TypeOf<DatabaseFormatException>().With.Message.Contains("version 2")
                .And.Message.Contains("read-only").And.Message.Contains("engine upgrade FILE NEW"));
        Assert.That(File.ReadAllBytes(Path).AsSpan().SequenceEqual(bytes));
        Assert.That(Directory.GetFiles(_directory.Root), Has.Length.EqualTo(1));
    }

    [Test]
    public void PageOfTheVerifiedCommit_ThatIsMissing_MakesItTheOneBefore()
    {
        var bytes = Write("verified");
        using (var database = Open())
        using (var read = database.BeginRead())
        {
            Assert.That(read.TransactionId, Is.EqualTo(11));
        }

        bytes.AsSpan(5 * 4096, 4096).Clear();
        File.WriteAllBytes(Path, bytes);
        using var again = Open();
        using var older = again.BeginRead();
        Assert.That(older.TransactionId, Is.EqualTo(10));
    }

    private byte[] Write(string name)
    {
        var bytes = Fixture(name);
        File.Delete(Path + "-lock");
        File.WriteAllBytes(Path, bytes);
        return bytes;
    }

    private Database Open() => Database.Open(Path, new DatabaseOptions { ReadOnly = true });
}
