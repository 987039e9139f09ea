using System.Text;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli.Exchange;

/// <summary>There and back through LMDB's own tools.</summary>
[Category(Categories.Process), NonParallelizable]
internal sealed class LmdbExchangeTests : CliFixture
{
    private string Database => InFolder("our.db");

    [OneTimeSetUp]
    public void NeedTools() => LmdbTools.Need();

    [Test]
    public void DumpToLmdbAndBack_IsByteIdentical([Values("bytevalue", "print")] string form, [Values(1, 2)] int seed)
    {
        // The old mdb_dump -p leaves backslashes as they are, so in print form only our own dump is compared.
        string[] options = form == "print" ? ["--print"] : [];
        Load(null, Entries(new Random(seed), 150));
        byte[] dump = Run(["dump", Database, .. options]).Expect(0).OutputBytes;

        LmdbTools.Load(dump, InFolder("lmdb"));
        byte[] theirs = LmdbTools.Dump(InFolder("lmdb"));
        if (form == "bytevalue")
            LmdbTools.AssertEqual(theirs, dump);
        RunWithInput(theirs, "load", InFolder("back.db"), "-", "--format", "mdb").Expect(0);
        LmdbTools.AssertEqual(Run(["dump", InFolder("back.db"), .. options]).Expect(0).OutputBytes, dump);
    }

    [Test]
    public void ManyTrees_GoThereAndBack()
    {
        foreach (string name in (string[])["users", "größe", "with blank"])
            Load(name, Entries(new Random(name.Length), 200));
        byte[] dump = Run("dump", Database, "--all").Expect(0).OutputBytes;

        LmdbTools.Load(dump, InFolder("lmdb"));
        byte[] theirs = LmdbTools.Dump(InFolder("lmdb"), "-a");
        LmdbTools.AssertEqual(theirs, dump);
        RunWithInput(theirs, "load", InFolder("back.db"), "-", "--format", "mdb").Expect(0);
        LmdbTools.AssertEqual(Run("dump", InFolder("back.db"), "--all").Expect(0).OutputBytes, dump);
    }

    [Test]
    public void ADumpOfLmdb_ComesBackAsItWas_WithItsMapSize()
    {
        byte[] source = LmdbTools.MakeDump(null, [], Entries(new Random(9), 300), mapSize: 64 * 1024 * 1024);
        LmdbTools.Load(source, InFolder("lmdb"));
        byte[] theirs = LmdbTools.Dump(InFolder("lmdb"));
        RunWithInput(theirs, "load", Database, "-", "--format", "mdb").Expect(0);
        LmdbTools.AssertEqual(Run("dump", Database, "--mapsize", $"{64 * 1024 * 1024}").Expect(0).OutputBytes, theirs);
    }

    [Test]
    public void KeysThatLmdbCannotHold_StopMdbLoad_AsTheWarningSays()
    {
        Load(null, [([], "empty"u8.ToArray())]);
        CliResult dump = Run("dump", Database).Expect(0);
        Assert.That(dump.Error, Does.Contain("mdb_load stops there"));
        LmdbTools.Load(dump.OutputBytes, InFolder("lmdb"), expectedExitCode: 1);
    }

    [Test]
    public void TheUnicodeData_GoesThereAndBack()
    {
        Run("load", Database, Path.Combine(RepositoryFiles.Root, "data", "unicode.tsv")).Expect(0);
        byte[] dump = Run("dump", Database).Expect(0).OutputBytes;
        LmdbTools.Load(dump, InFolder("lmdb"));
        LmdbTools.AssertEqual(LmdbTools.Dump(InFolder("lmdb")), dump);
    }

    /// <summary>
    /// Keys and values that LMDB can hold: binary keys up to its limit, empty values, some of 100 KB.
    /// </summary>
    private static List<(byte[] Key, byte[] Value)> Entries(Random random, int count)
    {
        var entries = new SortedDictionary<byte[], byte[]>(ByteOrder.Instance);
        while (entries.Count < count)
        {
            byte[] key = RandomBytes.Next(random, entries.Count % 20 == 0 ? 511 : 30);
            if (key.Length == 0)
                continue;
            entries[key] = (entries.Count % 10) switch
            {
                0 => [],
                1 => RandomBytes.Next(random, 100_000),
                2 => new byte[100_000],
                3 => RandomBytes.Next(random, 4200),
                _ => RandomBytes.Next(random, 60),
            };
        }

        return [.. entries.Select(entry => (entry.Key, entry.Value))];
    }

    private void Load(string? tree, List<(byte[] Key, byte[] Value)> entries)
    {
        var lines = new StringBuilder();
        foreach ((byte[] key, byte[] value) in entries)
            lines.Append($"{{\"keyBase64\":\"{Convert.ToBase64String(key)}\",")
                .Append($"\"valueBase64\":\"{Convert.ToBase64String(value)}\"}}\n");
        RunWithInput(
            lines.ToString(),
            [
                "load", Database, "-", "--format", "jsonl", .. tree is null ? Array.Empty<string>() : ["--tree", tree]
            ]).Expect(0);
    }
}
