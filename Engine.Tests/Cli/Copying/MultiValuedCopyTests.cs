using System.Text;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli.Copying;

/// <summary>
/// Multi-valued trees are such in a copy, too, and in what was salvaged, with all that was chosen when they were made.
/// </summary>
[Category(Categories.Cli)]
internal sealed class MultiValuedCopyTests : CliFixture
{
    private const int Keys = 600;

    /// <summary>Transactions, each with keys of its own: what one has written the next ones leave alone.</summary>
    private const int Parts = 5;

    private string Original => InFolder("many.db");

    [TestCase("copy")]
    [TestCase("copy", "--compact")]
    [TestCase("upgrade")]
    public void Copies_KeepKindAndPairs(string command, params string[] options)
    {
        Create();
        string copy = InFolder("copy.db");
        Run([command, Original, copy, .. options]).Expect(0);
        RequireEqual(copy);
    }

    [Test]
    public void Salvage_OfASoundFile_KeepsKindAndPairs()
    {
        Create();
        string salvaged = InFolder("salvaged.db");
        Run("check", Original, "--salvage", salvaged).Expect(0);
        RequireEqual(salvaged);
    }

    /// <summary>The catalog is gone from the newest state; former records tell of the trees.</summary>
    [Test]
    public void Salvage_WithoutTheCatalog_KeepsTheKindThatAFormerOneTells()
    {
        Create();
        ulong root;
        using (var file =
            Engine.Cli.Inspection.InspectedFile.Open(Original, withoutLock: true, CancellationToken.None))
        {
            root = file.RequireMeta().Catalog.Root;
        }

        byte[] bytes = File.ReadAllBytes(Original);
        bytes.AsSpan((int)root * 4096, 4096).Clear();
        File.WriteAllBytes(Original, bytes);
        string salvaged = InFolder("salvaged.db");
        Run("check", Original, "--salvage", salvaged);
        Run("check", salvaged).Expect(0);
        using Database database = Database.Open(salvaged);
        using ReadTransaction read = database.BeginRead();
        foreach ((string name, TreeOptions _, int keySize) in Trees)
        {
            if (!read.TreeExists(name))
                continue;
            MultiTreeReader tree = read[database.GetMultiTree(name)];
            Assert.That(tree.KeySize, Is.EqualTo(keySize));
            foreach (var (key, value) in tree.All())
                Assert.That(Value(key), Does.Contain(Encoding.ASCII.GetString(value)));
        }

        Assert.That(read.GetTreeNames(), Does.Contain("plain many"), "the former catalog names it");
    }

    private static (string Name, TreeOptions Options, int KeySize)[] Trees =>
    [
        ("plain many", TreeOptions.MultiValued, 0),
        ("counted", TreeOptions.MultiValued | TreeOptions.Counted, 0),
        ("fixed", TreeOptions.MultiValued, 4),
        ("both", TreeOptions.MultiValued | TreeOptions.Counted, 4),
    ];

    /// <summary>Keys with zeros, which are escaped.</summary>
    private static byte[] Key(int number) => [(byte)(number >> 8), 0, (byte)number, (byte)(number % 3)];

    private static string[] Value(ReadOnlySpan<byte> key) =>
        [.. Enumerable.Range(0, 1 + (key[2] % 5)).Select(static i => $"value {i}")];

    private void Create()
    {
        using Database database = Database.Open(Original);
        for (int part = 0; part < Parts; part++)
        {
            using WriteTransaction tx = database.BeginWrite();
            foreach ((string name, TreeOptions options, int keySize) in Trees)
            {
                MultiTree tree = tx.CreateMultiTree(name, options, keySize);
                for (int i = part * Keys / Parts; i < (part + 1) * Keys / Parts; i++)
                {
                    foreach (string value in Value(Key(i)))
                        tx[tree].Add(Key(i), Encoding.ASCII.GetBytes(value));
                }
            }

            tx.Commit();
        }
    }

    private static void RequireEqual(string file)
    {
        Run("check", file).Expect(0);
        using Database database = Database.Open(file);
        using ReadTransaction read = database.BeginRead();
        foreach ((string name, TreeOptions options, int keySize) in Trees)
        {
            MultiTreeReader tree = read[database.GetMultiTree(name)];
            Assert.That(tree.GetStatistics().Options, Is.EqualTo(options), name);
            Assert.That(tree.KeySize, Is.EqualTo(keySize), name);
            long pairs = 0;
            for (int i = 0; i < Keys; i++)
            {
                var values = new List<string>();
                foreach (ReadOnlySpan<byte> value in tree.Values(Key(i)))
                    values.Add(Encoding.ASCII.GetString(value));
                Assert.That(values, Is.EqualTo(Value(Key(i))), name);
                pairs += values.Count;
            }

            Assert.That(tree.Count, Is.EqualTo(pairs), name);
        }
    }
}
