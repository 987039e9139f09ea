using System.Text;
using Engine.Cli.Shared;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli.Exchange;

/// <summary>A dump says what its trees are, and load makes trees of the same kind.</summary>
[Category(Categories.Cli)]
internal sealed class TreeKindExchangeTests : CliFixture
{
    private static readonly TreeOptions Both = TreeOptions.MultiValued | TreeOptions.Counted;

    private string Original => InFolder("original.db");

    private string Copy => InFolder("copy.db");

    [TestCase("mdb")]
    [TestCase("mdb", "--print")]
    [TestCase("jsonl")]
    public void DumpAndLoad_KeepTheKindOfEveryTree(string format, params string[] options)
    {
        MakeAllKinds();
        byte[] dump = Run(["dump", Original, "--all", "--format", format, .. options]).Expect(0).OutputBytes;
        CliResult load = RunWithInput(dump, "load", Copy, "-", "--format", format).Expect(0);
        Assert.That(load.Error, Is.Empty);
        Run("check", Copy).Expect(0);
        Assert.That(Kinds(Copy), Is.EqualTo(Kinds(Original)));
        Assert.That(Contents(Copy), Is.EqualTo(Contents(Original)));
        LmdbTools.AssertEqual(
            Run(["dump", Copy, "--all", "--format", format, .. options]).Expect(0).OutputBytes, dump);
    }

    [TestCase("mdb")]
    [TestCase("jsonl")]
    public void DumpAndLoad_OfOneTree_KeepItsKind(string format)
    {
        MakeAllKinds();
        foreach (string tree in (string[])["multi fixed", "counted", "numbers", "multi typed"])
        {
            byte[] dump = Run("dump", Original, tree, "--format", format).Expect(0).OutputBytes;
            RunWithInput(dump, "load", Copy, "-", "--format", format, "--tree", tree).Expect(0);
            Assert.That(Kinds(Copy)[tree], Is.EqualTo(Kinds(Original)[tree]));
            Assert.That(Contents(Copy)[tree], Is.EqualTo(Contents(Original)[tree]));
        }
    }

    [Test]
    public void Load_OfManyValues_IntoATreeOfOne_SaysWhatToDo()
    {
        MakeAllKinds();
        foreach (string format in (string[])["mdb", "jsonl"])
        {
            byte[] dump = Run("dump", Original, "multi", "--format", format).Expect(0).OutputBytes;
            dump = Encoding.UTF8.GetBytes(
                Encoding.UTF8.GetString(dump).Replace("database=multi\n", "", StringComparison.Ordinal));
            RunWithInput(dump, "load", Copy, "-", "--format", format)
                .ExpectError(2, "give --tree NAME, which makes a multi-valued tree");
            RunWithInput(dump, "load", Original, "-", "--format", format, "--tree", "counted")
                .ExpectError(2, "counted keeps one of each");
            RunWithInput(dump, "load", InFolder(format), "-", "--format", format, "--tree", "some").Expect(0);
            Assert.That(Kinds(InFolder(format))["some"].IsMultiValued);
        }
    }

    [Test]
    public void Load_IntoATreeOfOtherCodecs_IsRefused()
    {
        MakeAllKinds();
        byte[] dump = Run("dump", Original, "numbers", "--format", "jsonl").Expect(0).OutputBytes;
        RunWithInput(dump, "load", Original, "-", "--format", "jsonl", "--tree", "names")
            .ExpectError(2, "are utf8 and i64, those of the input u64 and utf8");
    }

    [Test]
    public void Lines_GoIntoAMultiValuedTreeThatIsThere()
    {
        MakeAllKinds();
        CliResult dump = Run("dump", Original, "multi", "--format", "escaped").Expect(0);
        Assert.That(dump.Error, Does.Contain("create --multi-valued"));
        Run("create", Copy, "multi", "--multi-valued").Expect(0);
        RunWithInput(dump.OutputBytes, "load", Copy, "-", "--format", "escaped", "--tree", "multi").Expect(0);
        Assert.That(Contents(Copy)["multi"], Is.EqualTo(Contents(Original)["multi"]));
    }

    [TestCase("{\"multiValued\":1}", "\"multiValued\" is true or false")]
    [TestCase("{\"tree\":\"t\",\"keySize\":\"4\"}", "\"keySize\" is no length of keys")]
    [TestCase("{\"tree\":\"t\",\"keyCodec\":\"a b\"}", "\"keyCodec\" is no name of a codec")]
    [TestCase("{\"tree\":\"t\",\"counted\":true,\"key\":\"a\",\"value\":\"b\"}", "before its entries")]
    public void Json_ThatSaysNothingOfATree_IsRefused(string line, string problem) =>
        RunWithInput(line + "\n", "load", Copy, "-", "--format", "jsonl").ExpectError(2, problem);

    [TestCase("engine.keysize=x", "no length of keys")]
    [TestCase("database=t\ndupsort=1\nengine.keysize=60000", "keys of 60,000 bytes are longer")]
    [TestCase("engine.keycodec=", "no name of a codec")]
    public void Headers_ThatSayNothingOfATree_AreRefused(string line, string problem)
    {
        string dump = $"VERSION=3\nformat=bytevalue\n{line}\nHEADER=END\nDATA=END\n";
        RunWithInput(dump, "load", Copy, "-", "--format", "mdb").ExpectError(2, problem);
    }

    [Test]
    public void AKeyThatIsNoInteger_EndsADumpForLmdb()
    {
        using (Database database = Database.Open(Original))
        using (WriteTransaction tx = database.BeginWrite())
        {
            tx.CreateTree(database.GetTree<ulong, string>("numbers"));
            tx[database.GetTree("numbers")].Put("odd"u8, "1"u8);
            tx.Commit();
        }

        Run("dump", Original, "numbers").ExpectError(2, "use --format jsonl");
        Run("dump", Original, "numbers", "--format", "jsonl").Expect(0);
    }

    private void MakeAllKinds()
    {
        using Database database = Database.Open(Original);
        using WriteTransaction tx = database.BeginWrite();
        tx.Main.Put("k"u8, "v"u8);
        tx[tx.CreateTree("plain")].Put("k"u8, "v"u8);
        tx[tx.CreateTree("counted", TreeOptions.Counted)].Put("k"u8, "v"u8);
        AddPairs(tx, tx.CreateMultiTree("multi"));
        AddPairs(tx, tx.CreateMultiTree("multi counted", TreeOptions.Counted));
        AddPairs(tx, tx.CreateMultiTree("multi fixed", Both, 2));
        tx.CreateMultiTree("multi empty", Both, 7);
        tx.Open(tx.CreateTree(database.GetTree<string, long>("names"))).Put("ada", 36);
        TreeWriter<ulong, string> numbers = tx.Open(tx.CreateTree(database.GetTree<ulong, string>("numbers")));
        foreach (ulong number in (ulong[])[0, 1, 256, ulong.MaxValue])
            numbers.Put(number, $"{number}");
        tx.Open(tx.CreateTree(database.GetTree<uint, byte[]>("short numbers"))).Put(7, [1, 2]);
        tx.CreateTree(database.GetTree<ulong, byte[]>("no numbers"));
        MultiTree typed = tx.CreateMultiTree("multi typed", Both, 4);
        Engine.Cli.Making.NewTrees.SetAttributes(
            tx, typed.Pairs, new TreeKind(Both, 4, "u32", "u64").ToAttributes());
        for (byte i = 0; i < 20; i++)
            tx[typed].Add([0, 0, (byte)(i / 7), 9], [0, 0, 0, 0, 0, 0, 1, i]);
        tx.Commit();
    }

    private static void AddPairs(WriteTransaction tx, MultiTree tree)
    {
        foreach (byte[] key in (byte[][])[[0, 0], [1, 0], "ab"u8.ToArray(), [255, 255]])
        {
            foreach (string value in (string[])["", "\0", "a", "value"])
                tx[tree].Add(key, Encoding.ASCII.GetBytes(value));
        }
    }

    private static SortedDictionary<string, TreeKind> Kinds(string path)
    {
        var kinds = new SortedDictionary<string, TreeKind>(StringComparer.Ordinal);
        using Database database = Database.Open(path);
        using ReadTransaction read = database.BeginRead();
        foreach (string name in read.GetTreeNames())
            kinds.Add(name, TreeKind.Of(read, database.GetTree(name)));
        return kinds;
    }

    /// <summary>All entries as they are stored, of the default tree, too.</summary>
    private static SortedDictionary<string, string> Contents(string path)
    {
        var contents = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using Database database = Database.Open(path);
        using ReadTransaction read = database.BeginRead();
        foreach (string name in (string[])["", .. read.GetTreeNames()])
        {
            var entries = new StringBuilder();
            foreach (var (key, value) in read[CommonSymbols.Resolve(database, name)].All())
                entries.Append(Convert.ToHexString(key)).Append(' ').AppendLine(Convert.ToHexString(value));
            contents.Add(name, entries.ToString());
        }

        return contents;
    }
}
