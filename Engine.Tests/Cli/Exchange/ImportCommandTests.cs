using System.Buffers.Binary;
using System.Text.Json;
using Engine.Cli.Lmdb;
using Engine.Cli.Making;
using Engine.Cli.Records;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli.Exchange;

/// <summary>Files that LMDB wrote, read without LMDB, against what LMDB says of them.</summary>
[Category(Categories.Process), NonParallelizable]
internal sealed class ImportCommandTests : CliFixture
{
    private string Database => InFolder("imported.db");

    private string Lmdb => InFolder("lmdb");

    private string DataFile => Path.Combine(Lmdb, "data.mdb");

    [OneTimeSetUp]
    public void NeedTools() => LmdbTools.Need();

    [TestCase(1, 10)]
    [TestCase(100, 30)]
    [TestCase(3000, 100)]
    [TestCase(20_000, 40)]
    public void Import_EqualsMdbDump(int count, int longestValue)
    {
        LmdbTools.Load(LmdbTools.MakeDump(null, [], Entries(new Random(count), count, longestValue)), Lmdb);
        Assert.That(
            Run("import", Database, Lmdb).Expect(0).Output,
            Does.Match($@"^imported {count:N0} entr(y|ies) in 1 tree in .*, checked, file .*\n$"));
        AssertDumpsAreEqual();
    }

    [Test]
    public void Import_OfOverflowValues_EqualsMdbDump()
    {
        var random = new Random(5);
        IEnumerable<(byte[], byte[])> entries = Enumerable.Range(0, 120)
            .Select(
                i => (
                    BitConverter.GetBytes(i * 7919),
                    RandomBytes.Next(
                        random, (i % 6) switch { 0 => 2100, 1 => 4096, 2 => 4200, 3 => 300_000, _ => 90 })));
        LmdbTools.Load(LmdbTools.MakeDump(null, [], entries), Lmdb);
        Run("import", Database, DataFile).Expect(0);
        AssertDumpsAreEqual();
    }

    [Test]
    public void Import_OfNamedDatabases_MakesATreeOfEach()
    {
        var random = new Random(6);
        string[] names = [.. Enumerable.Range(0, 150).Select(i => $"db {i}"), "größe"];
        foreach (string name in names)
            LmdbTools.Load(LmdbTools.MakeDump(name, [], Entries(random, 1 + random.Next(60), 60)), Lmdb);
        LmdbTools.Load(LmdbTools.MakeDump(null, [], [([9], "in the unnamed database"u8.ToArray())]), Lmdb);

        using JsonDocument json = JsonDocument.Parse(Run("import", Database, Lmdb, "--json").Expect(0).Output);
        Assert.That(json.RootElement.GetProperty("trees").GetArrayLength(), Is.EqualTo(names.Length + 1));
        Assert.That(
            Run("dump", Database).Expect(0).Output,
            Does.EndWith("HEADER=END\n 09\n 696e2074686520756e6e616d6564206461746162617365\nDATA=END\n"));
        Run("del", Database, "\\09").Expect(0);
        AssertDumpsAreEqual("-a");
    }

    [Test]
    public void Import_OfAFileWithFreePages_LeavesThemOut()
    {
        var random = new Random(7);
        byte[][] keys = [.. Enumerable.Range(0, 400).Select(i => BitConverter.GetBytes(i * 104729))];
        LmdbTools.Load(LmdbTools.MakeDump(null, [], keys.Select(key => (key, RandomBytes.Next(random, 50_000)))), Lmdb);
        long before = new FileInfo(DataFile).Length;
        LmdbTools.Load(LmdbTools.MakeDump(null, [], keys.Select(key => (key, RandomBytes.Next(random, 50)))), Lmdb);
        Assert.That(
            new FileInfo(DataFile).Length,
            Is.GreaterThanOrEqualTo(before),
            "the pages of the long values are free now");

        Run("import", Database, Lmdb).Expect(0);
        Assert.That(new FileInfo(Database).Length, Is.LessThan(before / 10));
        AssertDumpsAreEqual();
    }

    [Test]
    public void Import_OfAnEmptyEnvironment_IsAnEmptyDatabase()
    {
        LmdbTools.Load(LmdbTools.MakeDump(null, [], []), Lmdb);
        Assert.That(Run("import", Database, Lmdb).Expect(0).Output, Does.StartWith("imported 0 entries in 1 tree in "));
        AssertDumpsAreEqual();
    }

    [TestCase(512)]
    [TestCase(8192)]
    [TestCase(16384)]
    [TestCase(32768)]
    public void Import_OfOtherPageSizes_EqualsMdbDump(int pageSize)
    {
        LmdbTools.MakeEnvironment(Lmdb, pageSize);
        var random = new Random(pageSize);
        int longestKey = pageSize == 512 ? 60 : 300;
        LmdbTools.Load(LmdbTools.MakeDump("big", [], Entries(random, 500, 20_000, longestKey)), Lmdb);
        LmdbTools.Load(LmdbTools.MakeDump("dups", ["dupsort"], Duplicates(random, 2000, 30)), Lmdb);
        Run("import", Database, Lmdb, "--duplicates", "pairs").Expect(0);
        AssertPairsAreEqual("dups");
        Assert.That(Dump("big"), Is.EqualTo(LmdbTools.Parse(LmdbTools.Dump(Lmdb, "-s", "big"))["big"]));
        Assert.That(Run("info", Database).Expect(0).Output, Does.Contain($"{Math.Max(pageSize, 4096):N0} bytes"));
    }

    [Test]
    public void Import_OfSeveralValuesOfAKey_FailsAndLeavesNothing_WhereTheyCannotBeKept()
    {
        LmdbTools.Load(LmdbTools.MakeDump("dups", ["dupsort"], Duplicates(new Random(1), 50, 30)), Lmdb);
        Run("import", Database, Lmdb, "--duplicates", "fail").ExpectError(2, "--duplicates first, last, list or pairs");
        Directory.Delete(Lmdb, recursive: true);
        LmdbTools.Load(LmdbTools.MakeDump(null, ["dupsort"], Duplicates(new Random(1), 50, 30)), Lmdb);
        Run("import", Database, Lmdb).ExpectError(2, "--duplicates first, last, list or pairs");
        Assert.That(Directory.GetFiles(Folder), Is.Empty);
    }

    [TestCase("dupsort", 200)]
    [TestCase("dupsort,dupfixed", 8)]
    [TestCase("dupsort,dupfixed,integerdup", 4)]
    [TestCase("dupsort,reversedup", 40)]
    public void Import_OfSeveralValuesOfAKey_KeepsWhatWasAskedFor(string flags, int longestValue)
    {
        bool isFixed = flags.Contains("dupfixed", StringComparison.Ordinal);
        LmdbTools.Load(
            LmdbTools.MakeDump("dups", flags.Split(','), Duplicates(new Random(2), 4000, longestValue, isFixed)), Lmdb);
        List<(string Key, string Value)> theirs = LmdbTools.Parse(LmdbTools.Dump(Lmdb, "-s", "dups"))["dups"];
        var groups = theirs.GroupBy(pair => pair.Key).ToDictionary(
            group => group.Key, group => group.Select(pair => pair.Value).ToList());
        Assert.That(groups.Values.Max(values => values.Count), Is.GreaterThan(100), "some keys have a tree of values");
        Assert.That(groups.Values.Min(values => values.Count), Is.EqualTo(1));

        Assert.That(Import("first"), Is.EqualTo(groups.ToDictionary(group => group.Key, group => group.Value[0])));
        Assert.That(Import("last"), Is.EqualTo(groups.ToDictionary(group => group.Key, group => group.Value[^1])));
        Assert.That(
            Import("list"),
            Is.EqualTo(
                groups.ToDictionary(group => group.Key, group => string.Concat(group.Value.Select(LengthAndValue)))));
        Import("pairs");
        AssertPairsAreEqual("dups");
    }

    [Test]
    public void Import_OfIntegerAndReversedKeys_KeepsThemOrTheirOrder()
    {
        var random = new Random(4);
        LmdbTools.Load(
            LmdbTools.MakeDump(
                "int",
                ["integerkey"],
                Enumerable.Range(0, 500).Select(i => (BitConverter.GetBytes((long)random.Next()), new byte[] { 1 }))),
            Lmdb);
        LmdbTools.Load(LmdbTools.MakeDump("rev", ["reversekey"], Entries(random, 500, 5)), Lmdb);

        Assert.That(
            Run("import", Database, Lmdb).Expect(0).Output,
            Does.Match("int +500 +INTEGERKEY +its keys are big-endian")
                .And.Match("rev +500 +REVERSEKEY +the order of its keys"));
        foreach (string name in (string[])["int", "rev"])
            Assert.That(Dump(name), Is.EquivalentTo(LmdbTools.Parse(LmdbTools.Dump(Lmdb, "-s", name))[name]));

        File.Delete(Database);
        Run("import", Database, Lmdb, "--keep-order").Expect(0);
        foreach (string name in (string[])["int", "rev"])
        {
            IEnumerable<(string, string)> theirs = LmdbTools.Parse(LmdbTools.Dump(Lmdb, "-s", name))[name]
                .Select(pair => (Convert.ToHexStringLower([.. Convert.FromHexString(pair.Key).Reverse()]), pair.Value));
            Assert.That(
                Run("scan", Database, "--tree", name, "--hex").Expect(0).Output,
                Is.EqualTo(string.Concat(theirs.Select(static pair => $"{pair.Item1}\t{pair.Item2}\n"))),
                "the same order");
        }
    }

    [Test]
    public void Import_WhenTheFileIsThere_IsRefused()
    {
        LmdbTools.Load(LmdbTools.MakeDump(null, [], []), Lmdb);
        File.WriteAllText(Database, "mine");
        Run("import", Database, Lmdb).ExpectError(2, "exists");
        Assert.That(File.ReadAllText(Database), Is.EqualTo("mine"));
    }

    [Test]
    public void Import_WhenItIsCancelled_LeavesNothing()
    {
        LmdbTools.Load(LmdbTools.MakeDump(null, [], Entries(new Random(1), 2000, 10)), Lmdb);
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Run(Stream.Null, cancellation.Token, "import", Database, Lmdb).ExpectError(130, "interrupted");
        Assert.That(Directory.GetFiles(Folder), Is.Empty);
    }

    [Test]
    public void Import_WhenSomebodyWritesMeanwhile_NoticesIt()
    {
        LmdbTools.Load(LmdbTools.MakeDump(null, [], Entries(new Random(1), 2000, 10)), Lmdb);
        using var file = LmdbFile.Open(Lmdb);
        using TreeFiller filler = TreeFiller.Create(Database, 4096);
        bool hasWritten = false;
        var importer = new LmdbImporter(file, filler, DuplicatePolicy.Fail, keepOrder: false, CancellationToken.None);
        LmdbFormatException? exception = Assert.Throws<LmdbFormatException>(() => importer.Run((_, _) =>
        {
            if (!hasWritten)
                LmdbTools.Load(LmdbTools.MakeDump(null, [], [([1], [2])]), Lmdb);
            hasWritten = true;
        }));
        Assert.That(exception!.Message, Does.Contain("written to while it was read").And.Contain("mdb_copy"));
    }

    [Test]
    public void Import_OfWhatIsNoFileOfLmdb_SaysWhatItIs()
    {
        Run("import", Database, InFolder("nothing.mdb")).ExpectError(2, "there is no file");
        Run("import", Database, Folder).ExpectError(2, "data.mdb");
        Run("import", Database, Write("empty.mdb", "")).ExpectError(2, "is empty");
        Run("import", Database, Write("text.mdb", new string('x', 10_000))).ExpectError(2, "no data file of LMDB");

        LmdbTools.Load(LmdbTools.MakeDump(null, [], []), Lmdb);
        byte[] good = File.ReadAllBytes(DataFile);
        Assert.Multiple(() =>
        {
            Import(
                bytes => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(20), 2),
                bothMetas: true).ExpectError(2, "version 2");
            Import(bytes => bytes.AsSpan(16, 4).Reverse(), bothMetas: true).ExpectError(2, "big-endian");
            Import(bytes => bytes.AsSpan(16, 100).CopyTo(bytes.AsSpan(12)), bothMetas: true).ExpectError(2, "32-bit");
        });

        CliResult Import(Action<byte[]> change, bool bothMetas)
        {
            byte[] bytes = (byte[])good.Clone();
            change(bytes);
            if (bothMetas)
                bytes.AsSpan(4096, 4096).Clear();
            File.WriteAllBytes(InFolder("changed.mdb"), bytes);
            return Run("import", Database, InFolder("changed.mdb"));
        }
    }

    [Test]
    public void Import_WhenOneMetaIsTorn_TakesTheOther([Values(0, 1)] int meta)
    {
        LmdbTools.Load(LmdbTools.MakeDump(null, [], Entries(new Random(1), 90, 10)), Lmdb);
        byte[] bytes = File.ReadAllBytes(DataFile);
        int newest = BitConverter.ToUInt64(bytes, 16 + 128) > BitConverter.ToUInt64(bytes, 4096 + 16 + 128) ? 0 : 1;
        bytes.AsSpan(meta * 4096 + 16, 8).Clear();
        File.WriteAllBytes(InFolder("torn.mdb"), bytes);
        CliResult result = Run("import", Database, InFolder("torn.mdb"));

        // The state before the last commit was the empty one, or lies in pages that were used again.
        if (meta != newest)
            Assert.That(result.Expect(0).Output, Does.StartWith("imported 90 entries"));
        else
            Assert.That(result.ExitCode, Is.EqualTo(0).Or.EqualTo(2));
    }

    [Test]
    public void Import_OfADamagedFile_EndsWithAnAnswer([Range(1, 4)] int seed)
    {
        var random = new Random(seed);
        LmdbTools.Load(LmdbTools.MakeDump("dups", ["dupsort"], Duplicates(random, 800, 30)), Lmdb);
        LmdbTools.Load(
            LmdbTools.MakeDump("fixed", ["dupsort", "dupfixed"], Duplicates(random, 800, 8, isFixed: true)), Lmdb);
        LmdbTools.Load(LmdbTools.MakeDump(null, [], Entries(random, 300, 6000)), Lmdb);
        byte[] good = File.ReadAllBytes(DataFile);
        int refused = 0;
        for (int run = 0; run < 150; run++)
        {
            byte[] bytes = (byte[])good.Clone();
            for (int change = random.Next(1, 6); change > 0; change--)
                Damage(bytes, random);
            if (random.Next(8) == 0)
                bytes = bytes[..random.Next(bytes.Length)];
            File.WriteAllBytes(InFolder("damaged.mdb"), bytes);

            using TempDirectory folder = new();
            try
            {
                using var file = LmdbFile.Open(InFolder("damaged.mdb"));
                using TreeFiller filler = TreeFiller.Create(folder.DatabasePath, 8192);
                DuplicatePolicy policy = run % 2 == 0 ? DuplicatePolicy.List : DuplicatePolicy.Keep;
                new LmdbImporter(file, filler, policy, keepOrder: true, CancellationToken.None).Run((_, _) => { });
            }
            catch (Exception exception) when (exception is LmdbFormatException or Engine.Cli.Shared.UsageException)
            {
                refused++;
            }
        }

        Assert.That(refused, Is.GreaterThan(20).And.LessThan(150));
    }

    /// <summary>Changes what structures are made of: page headers, offsets, nodes, records.</summary>
    private static void Damage(byte[] bytes, Random random)
    {
        int page = random.Next(bytes.Length / 4096) * 4096;
        int offset = random.Next(4) switch
        {
            0 => page + random.Next(16),
            1 => page + 16 + random.Next(40),
            2 => page + BitConverter.ToUInt16(bytes, page + 16) % 4090,
            _ => page + random.Next(4096),
        };
        bytes[offset] = (byte)random.Next(256);
        if (random.Next(3) == 0)
            bytes[Math.Min(offset + 1, bytes.Length - 1)] = (byte)(random.Next(2) * 255);
    }

    private Dictionary<string, string> Import(string duplicates)
    {
        File.Delete(Database);
        Run("import", Database, Lmdb, "--duplicates", duplicates).Expect(0);
        return Dump("dups").ToDictionary(pair => pair.Key, pair => pair.Value);
    }

    private List<(string Key, string Value)> Dump(string tree) =>
        LmdbTools.Parse(Run("dump", Database, tree).Expect(0).OutputBytes)[tree];

    private void AssertPairsAreEqual(string name)
    {
        IEnumerable<string> theirs = LmdbTools.Parse(LmdbTools.Dump(Lmdb, "-s", name))[name]
            .Select(pair => pair.Key + pair.Value + (pair.Key.Length / 2).ToString("x4"));
        Assert.That(Dump(name).Select(pair => pair.Key), Is.EquivalentTo(theirs));
    }

    private void AssertDumpsAreEqual(params string[] options)
    {
        byte[] ours = Run(["dump", Database, "--mapsize", $"{256 * 1024 * 1024}", .. options]).Expect(0).OutputBytes;
        LmdbTools.AssertEqual(ours, LmdbTools.Dump(Lmdb, options));
    }

    private static string LengthAndValue(string hex)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, hex.Length / 2);
        return Convert.ToHexStringLower(length) + hex;
    }

    private static List<(byte[] Key, byte[] Value)> Entries(
        Random random, int count, int longestValue, int longestKey = 30)
    {
        var entries = new SortedDictionary<byte[], byte[]>(ByteOrder.Instance);
        while (entries.Count < count)
            entries[[(byte)random.Next(), .. RandomBytes.Next(random, longestKey - 1)]] =
                RandomBytes.Next(random, longestValue);
        return [.. entries.Select(entry => (entry.Key, entry.Value))];
    }

    /// <summary>A few keys with very many values, some with some, and many with one.</summary>
    private static List<(byte[] Key, byte[] Value)> Duplicates(
        Random random, int count, int longestValue, bool isFixed = false)
    {
        var pairs = new List<(byte[], byte[])> { ("single"u8.ToArray(), new byte[longestValue]) };
        for (int i = 0; i < count; i++)
        {
            byte[] key =
                BitConverter.GetBytes((short)(i % 3 == 0 ? random.Next(3) : i % 3 == 1 ? random.Next(count / 10) : i));
            byte[] value = isFixed ? new byte[longestValue] : new byte[1 + random.Next(longestValue)];
            random.NextBytes(value);
            pairs.Add((key, value));
        }

        return pairs;
    }
}
