using System.Text;
using System.Text.Json;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli.Exchange;

/// <summary>Files in the format of LMDB 1.0.</summary>
internal sealed class LmdbOneImportTests : CliFixture
{
    private string Database => InFolder("imported.db");

    [Test]
    public void Import_OfATreeOfTwoLevels_TakesEveryEntry()
    {
        var image = new LmdbOneImage();
        byte[][] keys = [.. Enumerable.Range(0, 300).Select(i => Encoding.ASCII.GetBytes($"key {i:D5}"))];
        var leaves = new List<(byte[] Key, ulong Page)>();
        foreach (byte[][] part in keys.Chunk(60))
            leaves.Add((leaves.Count == 0 ? [] : part[0],
                image.Leaf([.. part.Select(key => new LmdbOneImage.Node(key, [.. key, .. "!"u8]))])));
        ulong root = image.Branch([.. leaves]);
        Import(image.ToBytes(LmdbOneImage.Record(0, 2, 300, root))).Expect(0);
        Assert.That(
            Run("scan", Database).Expect(0).OutputLines,
                Is.EqualTo(keys.Select(key => $"{Encoding.ASCII.GetString(key)}\t{Encoding.ASCII.GetString(key)}!")));
    }

    [TestCase(4072)]
    [TestCase(4073)]
    [TestCase(100_000)]
    public void Import_OfOverflowValues_TakesThem(int length)
    {
        var image = new LmdbOneImage();
        byte[] value = new byte[length];
        new Random(length).NextBytes(value);
        ulong root = image.Leaf(image.Overflow("a"u8.ToArray(), value),
            new LmdbOneImage.Node("b"u8.ToArray(), "small"u8.ToArray()));
        Import(image.ToBytes(LmdbOneImage.Record(0, 1, 2, root))).Expect(0);
        LmdbTools.AssertEqual(Run("get", Database, "a", "--raw").Expect(0).OutputBytes, value);
        Assert.That(Run("get", Database, "b").Expect(0).Output, Is.EqualTo("small\n"));
    }

    [Test]
    public void Import_OfNamedDatabases_MakesATreeOfEach()
    {
        var image = new LmdbOneImage();
        ulong users = image.Leaf(new LmdbOneImage.Node("alice"u8.ToArray(), "42"u8.ToArray()));
        ulong root = image.Leaf(LmdbOneImage.Named("empty", LmdbOneImage.EmptyRecord()),
            LmdbOneImage.Named("users\0", LmdbOneImage.Record(0, 1, 1, users)));
        using JsonDocument json =
            JsonDocument.Parse(Import(image.ToBytes(LmdbOneImage.Record(0, 1, 2, root)), "--json").Expect(0).Output);
        Assert.That(
            json.RootElement.GetProperty("trees").EnumerateArray().Select(tree => tree.GetProperty("name").GetString()),
                Is.EqualTo(new[] { "", "empty", "users\0" }));
        Assert.That(Run("get", Database, "alice", "--tree", "users\\00").Expect(0).Output, Is.EqualTo("42\n"));
    }

    [Test]
    public void Import_OfSeveralValuesOfAKey_TakesThem([Values] bool isFixed)
    {
        var image = new LmdbOneImage();
        byte[][] values = ["11"u8.ToArray(), "22"u8.ToArray(), "33"u8.ToArray()];
        LmdbOneImage.Node few = isFixed ? LmdbOneImage.FixedDuplicates("few"u8.ToArray(), values)
            : LmdbOneImage.Duplicates("few"u8.ToArray(), values);
        ulong many = image.Leaf([.. Enumerable.Range(0, 90).Select(i =>
            new LmdbOneImage.Node(Encoding.ASCII.GetBytes($"value {i:D2}"), []))]);
        var tree = new LmdbOneImage.Node("many"u8.ToArray(), LmdbOneImage.Record(0, 1, 90, many), Flags: 0x06);
        ulong root = image.Leaf(few, tree, new LmdbOneImage.Node("one"u8.ToArray(), "1"u8.ToArray()));
        byte[] file = image.ToBytes(LmdbOneImage.Record(isFixed ? 0x14 : 0x04, 1, 94, root));
        Import(file).ExpectError(2, "--duplicates");
        Import(file, "--duplicates", "pairs").Expect(0);
        Assert.That(
            Run("scan", Database, "--keys-only").Expect(0).OutputLines,
            Is.EqualTo([
                .. ((string[])["11", "22", "33"]).Select(value => $"few{value}\\00\\03"),
                .. Enumerable.Range(0, 90).Select(i => $"manyvalue {i:D2}\\00\\04"), "one1\\00\\03",
            ]));
    }

    [Test]
    public void Import_WhenOneMetaIsTorn_TakesTheOther()
    {
        var image = new LmdbOneImage();
        byte[] file = image.ToBytes(LmdbOneImage.Record(0, 1, 1, image.Leaf(new LmdbOneImage.Node([1], [2]))));
        file[24] ^= 1;
        Assert.That(Import(file).Expect(0).Output, Does.StartWith("imported 0 entries "));
        file[4096 + 24] ^= 1;
        File.Delete(Database);
        Import(file).ExpectError(2, "no data file of LMDB");
    }

    [Test]
    public void Import_OfWhatCannotBeRead_SaysWhatItIsAndWhatToDo()
    {
        var image = new LmdbOneImage();
        byte[] record = LmdbOneImage.Record(0, 1, 1, image.Leaf(new LmdbOneImage.Node([1], [2])));
        Import(image.ToBytes(record, environmentFlags: 0x2000)).ExpectError(2,
            "are encrypted: make a dump with the mdb_dump of LMDB 1.0");

        byte[] newer = image.ToBytes(record);
        (newer[28], newer[4096 + 28]) = (3, 3);
        Import(newer).ExpectError(
            2,
            "has version 3 of LMDB's format, and only 1 (LMDB 0.9) and 2 (LMDB 1.0) can be read: make a dump with "
            + "mdb_dump");

        byte[] torn = image.ToBytes(record);
        (torn[48], torn[4096 + 48]) = (1, 1);
        Import(torn).ExpectError(2, "neither of its metas is whole");

        byte[] shorter = image.ToBytes(record);
        shorter.AsSpan(24, 100).CopyTo(shorter.AsSpan(16));
        shorter.AsSpan(4096, 4096).Clear();
        Import(shorter).ExpectError(2, "as a 32-bit machine writes it: make a dump with mdb_dump");
    }

    [Test, Sampled("seed", 1)]
    public void Import_OfADamagedFile_EndsWithAnAnswer([Range(1, 3)] int seed)
    {
        var random = new Random(seed);
        var image = new LmdbOneImage();
        LmdbOneImage.Node large = image.Overflow("c"u8.ToArray(), new byte[9000]);
        ulong dups = image.Leaf(LmdbOneImage.Duplicates("k"u8.ToArray(), "1"u8.ToArray(), "2"u8.ToArray()),
            LmdbOneImage.FixedDuplicates("l"u8.ToArray(), [1, 2], [3, 4]));
        ulong left = image.Leaf(new LmdbOneImage.Node("a"u8.ToArray(), new byte[500]), large);
        ulong right = image.Leaf(LmdbOneImage.Named("m", LmdbOneImage.Record(0x14, 1, 4, dups)));
        byte[] good = image.ToBytes(LmdbOneImage.Record(0, 2, 3, image.Branch(([], left), ("m"u8.ToArray(), right))));
        Import(good, "--duplicates", "list").Expect(0);
        for (int run = 0; run < 60; run++)
        {
            byte[] bytes = (byte[])good.Clone();
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                int page = random.Next(bytes.Length / 4096) * 4096;
                bytes[page + (random.Next(3) == 0 ? random.Next(4096) : random.Next(60))] = (byte)random.Next(256);
            }

            File.Delete(Database);
            CliResult result = Import(bytes, "--duplicates", "list");
            Assert.That(result.ExitCode, Is.EqualTo(0).Or.EqualTo(2), result.Error);
            Assert.That(result.Error, Does.Not.Contain("internal error"));
        }
    }

    private CliResult Import(byte[] file, params string[] options)
    {
        File.WriteAllBytes(InFolder("data.mdb"), file);
        return Run(["import", Database, InFolder("data.mdb"), .. options]);
    }
}
