using System.Text;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli.Exchange;

internal sealed class DumpCommandTests : CliFixture
{
    private string Database => InFolder("dump.db");

    [Test, Category(Categories.Process)]
    public void Dump_IsWhatMdbDumpWrites()
    {
        Load("escaped", "k\t\"\"\n\\00\\ff\tv\n");
        Assert.That(Run("dump", Database).Expect(0).Output, Is.EqualTo("""
            VERSION=3
            format=bytevalue
            type=btree
            mapsize=1073741824
            maxreaders=126
            db_pagesize=4096
            HEADER=END
             00ff
             76
             6b
             
            DATA=END

            """.ReplaceLineEndings("\n")));
    }

    [Test]
    public void Dump_Print_KeepsTextReadable()
    {
        Load("escaped", "a\\5cb\\0a\tcaf\\c3\\a9 ~\n");
        Assert.That(
            Run("dump", Database, "-p", "--mapsize", "4096").Expect(0).Output,
            Does.Contain("format=print\n")
                .And.Contain("mapsize=4096\n")
                .And.Contain("\n a\\5cb\\0a\n caf\\c3\\a9 ~\n"));
    }

    [Test]
    public void Dump_OfOneTree_NamesIt_AndLoadCanRenameIt()
    {
        Load("tsv", "a\t1\n", "--tree", "users");
        string dump = Run("dump", Database, "users").Expect(0).Output;
        Assert.That(dump, Does.Contain("\ndatabase=users\ntype=btree\n"));
        RunWithInput(dump, "load", InFolder("2.db"), "-", "--format", "mdb").Expect(0);
        RunWithInput(dump, "load", InFolder("2.db"), "-", "--format", "mdb", "--tree", "people").Expect(0);
        Assert.That(Run("dump", InFolder("2.db"), "--all", "--format", "jsonl").Expect(0).OutputLines, Is.EqualTo(new[]
        {
            """{"tree":"people"}""", """{"tree":"people","key":"a","value":"1"}""",
            """{"tree":"users"}""", """{"tree":"users","key":"a","value":"1"}""",
        }));
    }

    [Test]
    public void Dump_All_ComesBackWithEveryTree([Values("mdb", "jsonl")] string format, [Values] bool withDefault)
    {
        var random = new Random(3);
        if (withDefault)
            LoadRandom(random, 20);
        LoadRandom(random, 300, "--tree", "users");
        LoadRandom(random, 1, "--tree", "größe");
        RunWithInput("""{"tree":"empty"}""", "load", Database, "-", "--format", "jsonl").Expect(0);

        CliResult dump = Run("dump", Database, "--all", "--format", format).Expect(0);
        RunWithInput(dump.OutputBytes, "load", InFolder("2.db"), "-", "--format", format).Expect(0);
        Assert.That(Run("dump", InFolder("2.db"), "-a", "--format", format).Expect(0).Output, Is.EqualTo(dump.Output));
        Assert.That(
            Run("stat", InFolder("2.db")).Expect(0).Output,
            Does.Contain("\nempty ").And.Contain("\ngröße ").And.Contain("\nusers "));
    }

    [Test, Sampled("seed", 2)]
    public void Dump_OfRandomBytes_ComesBackExactly(
        [Values("mdb", "print", "jsonl", "escaped")] string format, [Range(1, 4)] int seed)
    {
        var random = new Random(seed);
        var entries = new SortedDictionary<byte[], byte[]>(ByteOrder.Instance);
        for (int i = 0; i < 500; i++)
            entries[RandomBytes.Next(random, 40)] = RandomBytes.Next(random, i % 50 == 0 ? 100_000 : 60);
        Put(Database, entries);

        byte[] dump = Run(["dump", Database, .. Options(format)]).Expect(0).OutputBytes;
        RunWithInput(
            dump,
            "load",
            InFolder("2.db"),
            "-",
            "--format",
            format == "print" ? "mdb" : format,
            "--batch",
            "100").Expect(0);

        Assert.That(Read(InFolder("2.db")), Is.EqualTo(entries.Select(entry => (entry.Key, entry.Value))));
        LmdbTools.AssertEqual(Run(["dump", InFolder("2.db"), .. Options(format)]).Expect(0).OutputBytes, dump);
    }

    [TestCase("k\\09\tv", false)]
    [TestCase("k\\0a\tv", false)]
    [TestCase("k\tv\\0a", false)]
    [TestCase("k\tv\\0d", false)]
    [TestCase("\\ef\\bb\\bfk\tv", false)]
    [TestCase("k\\0d\tv\\09\\0dx", true)]
    [TestCase("\"\"\t\"\"", true)]
    public void Dump_Tsv_ComesBackOrIsRefused(string line, bool fits)
    {
        Load("escaped", line + "\n");
        CliResult dump = Run("dump", Database, "--format", "tsv");
        if (!fits)
        {
            dump.ExpectError(2, "--format escaped");
            return;
        }

        RunWithInput(dump.Expect(0).OutputBytes, "load", InFolder("2.db"), "-", "--format", "tsv").Expect(0);
        Assert.That(Read(InFolder("2.db")), Is.EqualTo(Read(Database)));
    }

    [Test]
    public void Dump_WithKeysThatLmdbCannotHold_IsWholeAndSaysSo()
    {
        Load("tsv", $"\tempty key\n{new string('k', 512)}\tlong key\n{new string('k', 511)}\tfits\n");
        CliResult dump = Run("dump", Database).Expect(0);
        Assert.That(
            dump.Error,
            Is.EqualTo(
                "engine: warning: 2 keys are empty or longer than 511 bytes: mdb_load stops there, LMDB cannot hold "
                + "them (engine load can)\n"));
        RunWithInput(dump.OutputBytes, "load", InFolder("2.db"), "-", "--format", "mdb").Expect(0);
        Assert.That(Read(InFolder("2.db")), Is.EqualTo(Read(Database)));
    }

    [Test]
    public void Dump_WhenANameIsAKeyOfTheDefaultTree_WarnsThatLmdbKeepsBothInOnePlace()
    {
        Load("tsv", "users\tx\n");
        Load("tsv", "a\t1\n", "--tree", "users");
        Assert.That(
            Run("dump", Database, "--all").Expect(0).Error,
            Does.Contain("a key 'users' and there is a tree of that name"));
        Assert.That(Run("dump", Database).Expect(0).Error, Is.Empty);
    }

    [Test]
    public void Dump_WhenANameCannotStandInAHeader_IsAnError()
    {
        RunWithInput(
            "{\"tree\":\"a\\nb\",\"key\":\"k\",\"value\":\"v\"}", "load", Database, "-", "--format", "jsonl").Expect(0);
        Run("dump", Database, "--all").ExpectError(2, "--format jsonl");
        Assert.That(
            Run("dump", Database, "--all", "--format", "jsonl").Expect(0).Output,
            Does.Contain("\"tree\":\"a\\nb\",\"key\":\"k\""));
    }

    [Test]
    public void Dump_OfAnAbsentTree_IsNamed() => Assert.That(
        Run("dump", EmptyDatabase(), "nobody").ExpectError(1, "'nobody'").Output, Is.Empty);

    [Test]
    public void Dump_WithOptionsThatMakeNoSense_IsAUsageError()
    {
        Load("tsv", "a\t1\n", "--tree", "users");
        Load("tsv", "a\t1\n");
        Run("dump", Database, "users", "--all").ExpectError(2, "either TREE or --all");
        Run("dump", Database, "--format", "jsonl", "--print").ExpectError(2, "--format mdb");
        Run("dump", Database, "--format", "escaped", "--all").ExpectError(2, "mdb or jsonl");
    }

    [Test, Category(Categories.Process)]
    public void Dump_WhenTheReaderIsGone_StopsQuietly()
    {
        for (int i = 0; i < 3; i++)
            LoadRandom(new Random(i), 400);
        Assert.That(
            PosixShell.Run($"engine dump '{Database}' --format jsonl | head -c 10 >/dev/null; echo done", Folder),
            Is.EqualTo("done\n"));
    }

    [Test]
    public void Dump_WhenItIsCancelled_Stops()
    {
        LoadRandom(new Random(1), 400);
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Run(Stream.Null, cancellation.Token, "dump", Database).ExpectError(130, "interrupted");
    }

    private static string[] Options(string format) => format == "print" ? ["--print"] : ["--format", format];

    private string EmptyDatabase()
    {
        Load("tsv", "");
        return Database;
    }

    private void Load(string format, string lines, params string[] options) =>
        RunWithInput(lines, ["load", Database, "-", "--format", format, .. options]).Expect(0);

    private void LoadRandom(Random random, int count, params string[] options)
    {
        var lines = new StringBuilder();
        for (int i = 0; i < count; i++)
        {
            lines.Append("{\"keyBase64\":\"")
                .Append(Convert.ToBase64String([(byte)random.Next(1, 255), .. RandomBytes.Next(random, 30)]))
                .Append("\",\"valueBase64\":\"")
                .Append(Convert.ToBase64String(RandomBytes.Next(random, 1000)))
                .Append("\"}\n");
        }

        Load("jsonl", lines.ToString(), options);
    }

    private static void Put(string path, IEnumerable<KeyValuePair<byte[], byte[]>> entries)
    {
        using Engine.Database database = Engine.Database.Open(path);
        using WriteTransaction transaction = database.BeginWrite();
        foreach ((byte[] key, byte[] value) in entries)
            transaction.Main.Put(key, value);
        transaction.Commit();
    }

    private static List<(byte[] Key, byte[] Value)> Read(string path)
    {
        using Engine.Database database = Engine.Database.Open(path, new DatabaseOptions { ReadOnly = true });
        using ReadTransaction read = database.BeginRead();
        var entries = new List<(byte[], byte[])>();
        foreach (var (key, value) in read.Main.All())
            entries.Add((key.ToArray(), value.ToArray()));
        return entries;
    }
}
