using System.Buffers.Binary;
using System.Text;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli.Exchange;

/// <summary>Multi-valued trees and trees of integers, there and back through LMDB's own tools.</summary>
[Category(Categories.Process), NonParallelizable]
internal sealed class LmdbKindTests : CliFixture
{
    private const int MapSize = 256 * 1024 * 1024;

    private string Database => InFolder("our.db");

    private string Lmdb => InFolder("lmdb");

    private static string[][] Flags =>
    [
        ["dupsort"], ["dupsort", "integerkey"], ["dupsort", "dupfixed", "integerdup"],
        ["dupsort", "integerkey", "dupfixed", "integerdup"], ["integerkey"],
    ];

    [OneTimeSetUp]
    public void NeedTools() => LmdbTools.Need();

    /// <summary>What LMDB wrote is the same after it was a database here, whichever way it came.</summary>
    [TestCaseSource(nameof(Flags))]
    public void FromLmdbAndBack_IsByteIdentical(params string[] flags)
    {
        MakeLmdb(flags);
        byte[] theirs = LmdbTools.Dump(Lmdb, "-a");
        Run("import", Database, Lmdb).Expect(0);
        LmdbTools.AssertEqual(Run("dump", Database, "--all", "--mapsize", $"{MapSize}").Expect(0).OutputBytes, theirs);

        string loaded = InFolder("loaded.db");
        CliResult load = RunWithInput(theirs, "load", loaded, "-", "--format", "mdb").Expect(0);
        Assert.That(load.Error, Is.Empty);
        byte[] ours = Run("dump", loaded, "--all", "--mapsize", $"{MapSize}").Expect(0).OutputBytes;
        LmdbTools.AssertEqual(ours, theirs);

        LmdbTools.Load(ours, InFolder("again"));
        LmdbTools.AssertEqual(LmdbTools.Dump(InFolder("again"), "-a"), theirs);
    }

    /// <summary>The pairs are those of LMDB, in its order, and integers are typed ones here.</summary>
    [TestCaseSource(nameof(Flags))]
    public void Import_KeepsOrderAndMeaning(params string[] flags)
    {
        MakeLmdb(flags);
        Run("import", Database, Lmdb).Expect(0);
        bool integerKeys = flags.Contains("integerkey");
        bool integerValues = flags.Contains("integerdup");
        var theirs = LmdbTools.Parse(LmdbTools.Dump(Lmdb, "-s", "d"))["d"]
            .Select(pair => (Turn(pair.Key, integerKeys), Turn(pair.Value, integerValues))).ToList();
        var ours = new List<(string, string)>();
        using Database database = Engine.Database.Open(Database);
        using ReadTransaction read = database.BeginRead();
        if (flags.Contains("dupsort"))
        {
            MultiTreeReader tree = read[database.GetMultiTree("d")];
            Assert.That(tree.KeySize, Is.EqualTo(integerKeys ? 8 : 0));
            foreach (var (key, value) in tree.All())
                ours.Add((Convert.ToHexStringLower(key), Convert.ToHexStringLower(value)));
        }
        else
        {
            foreach (var (key, value) in read.Open(database.GetTree<ulong, byte[]>("d")).All())
                ours.Add((key.ToString("x16"), Convert.ToHexStringLower(value)));
        }

        Assert.That(ours, Is.EqualTo(theirs));
        string json = Run("trees", Database, "--json").Expect(0).Output;
        Assert.That(
            json.Contains("\"keyCodec\": \"u64\"", StringComparison.Ordinal), Is.EqualTo(integerKeys));
        Assert.That(
            json.Contains("\"valueCodec\": \"u32\"", StringComparison.Ordinal), Is.EqualTo(integerValues));
    }

    [Test]
    public void ATreeOfOurs_GoesThereAndBack()
    {
        using (Database database = Engine.Database.Open(Database))
        using (WriteTransaction tx = database.BeginWrite())
        {
            MultiTree many = tx.CreateMultiTree("many", TreeOptions.Counted, 5);
            TreeWriter<ulong, string> typed = tx.Open(tx.CreateTree(database.GetTree<ulong, string>("typed")));
            for (int i = 0; i < 3000; i++)
            {
                tx[many].Add(Encoding.ASCII.GetBytes($"{i % 40:d5}"), Encoding.ASCII.GetBytes($"value {i}"));
                typed.Put((ulong)i << 20, $"number {i}");
            }

            tx.Commit();
        }

        byte[] dump = Run("dump", Database, "--all").Expect(0).OutputBytes;
        Assert.That(
            LmdbTools.Load(dump, Lmdb), Does.Contain("ignored: engine.counted").And.Contain("ignored: engine.keysize"));
        byte[] theirs = LmdbTools.Dump(Lmdb, "-a");
        IEnumerable<string> ours = Encoding.ASCII.GetString(dump).Split('\n')
            .Where(static line => !line.StartsWith("engine.", StringComparison.Ordinal));
        Assert.That(Encoding.ASCII.GetString(theirs).Split('\n'), Is.EqualTo(ours));

        string back = InFolder("back.db");
        RunWithInput(theirs, "load", back, "-", "--format", "mdb").Expect(0);
        foreach (string tree in (string[])["many", "typed"])
        {
            LmdbTools.AssertEqual(
                Run("scan", back, "--tree", tree, "--hex").Expect(0).OutputBytes,
                Run("scan", Database, "--tree", tree, "--hex").Expect(0).OutputBytes);
        }
    }

    [Test]
    public void WhatLmdbCannotHold_IsSaid_AndIsSo()
    {
        using (Database database = Engine.Database.Open(Database))
        using (WriteTransaction tx = database.BeginWrite())
        {
            MultiTree many = tx.CreateMultiTree("many");
            tx[many].Add("a"u8, ""u8);
            tx[many].Add("a"u8, "1"u8);
            tx[many].Add("b"u8, ""u8);
            tx.Commit();
        }

        CliResult dump = Run("dump", Database, "many").Expect(0);
        Assert.That(dump.Error, Does.Contain("1 key has an empty value beside others"));
        LmdbTools.Load(dump.OutputBytes, Lmdb);
        Assert.That(
            LmdbTools.Parse(LmdbTools.Dump(Lmdb, "-s", "many"))["many"],
            Is.EqualTo(new[] { ("61", "31"), ("62", "") }));

        Run("put", Database, "c", new string('x', 600), "--tree", "many").Expect(0);
        dump = Run("dump", Database, "many").Expect(0);
        Assert.That(dump.Error, Does.Contain("1 value of multi-valued trees is longer than 511 bytes"));
        LmdbTools.Load(dump.OutputBytes, InFolder("stops"), expectedExitCode: 1);
    }

    [Test]
    public void TheUnnamedDatabase_WithManyValues_GoesWhereItIsSent()
    {
        LmdbTools.Load(LmdbTools.MakeDump(null, ["dupsort"], [([1], [1]), ([1], [2])]), Lmdb);
        byte[] theirs = LmdbTools.Dump(Lmdb);
        RunWithInput(theirs, "load", Database, "-", "--format", "mdb").ExpectError(2, "give --tree NAME");
        Run("import", InFolder("x.db"), Lmdb).ExpectError(2, "load FILE - --format mdb --tree NAME");
        RunWithInput(theirs, "load", Database, "-", "--format", "mdb", "--tree", "t").Expect(0);
        Assert.That(
            Run("scan", Database, "--tree", "t", "--hex").Expect(0).Output, Is.EqualTo("01\t01\n01\t02\n"));
        RunWithInput(theirs, "load", InFolder("y.db"), "-", "--format", "mdb", "--duplicates", "last").Expect(0);
        Assert.That(Run("scan", InFolder("y.db"), "--hex").Expect(0).Output, Is.EqualTo("01\t02\n"));
    }

    private static string Turn(string hex, bool isInteger) =>
        isInteger ? Convert.ToHexStringLower([.. Convert.FromHexString(hex).Reverse()]) : hex;

    /// <summary>A few keys with very many values, some with some, and many with one.</summary>
    private void MakeLmdb(string[] flags)
    {
        var random = new Random(flags.Length);
        var pairs = new List<(byte[], byte[])>();
        for (int i = 0; i < 3000; i++)
        {
            int number = i % 3 == 0 ? random.Next(3) : i % 3 == 1 ? random.Next(300) : i;
            byte[] key = new byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(key, (ulong)number * 0x10203);
            byte[] value = new byte[flags.Contains("integerdup") ? 4 : 1 + random.Next(20)];
            random.NextBytes(value);
            pairs.Add((flags.Contains("integerkey") ? key : [1, .. key[..(1 + (number % 6))]], value));
        }

        LmdbTools.Load(LmdbTools.MakeDump("d", flags, pairs, MapSize), Lmdb);
    }
}
