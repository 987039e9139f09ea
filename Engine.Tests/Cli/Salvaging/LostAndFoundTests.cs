using System.Text;
using System.Text.Json;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli.Salvaging;

/// <summary>
/// Leaves that no tree reaches any more: whatever is gone above them, each of their entries comes out once.
/// </summary>
[Category(Categories.Campaign)]
internal sealed class LostAndFoundTests : SalvageFixture
{
    [Test, Sampled("seed", 1)]
    public void AFileCutShort_GivesEveryIntactEntry([Values(1, 2, 3)] int seed, [Values(512, 4096)] int pageSize,
        [Values(0.6, 0.35)] double share)
    {
        // Of large pages each commit here writes all anew, so that the live ones are at the end.
        MakeKnowingHistory(seed, commits: pageSize == 512 ? 5 : 1, pageSize: pageSize, keys: pageSize == 512 ? 900
            : 12_000);
        Cut(share);
        ulong pages = (ulong)new FileInfo(Source).Length / (ulong)pageSize;
        ExpectEveryIntactRowOnce(page => page < pages, Salvage());
    }

    [Test]
    public void AFileOfOneCommit_CutShort_GivesEveryIntactEntry()
    {
        MakeKnowingHistory(4, commits: 1);
        Cut(0.6);
        ulong pages = (ulong)new FileInfo(Source).Length / (ulong)PageSize;
        JsonElement salvage = Salvage();
        ExpectEveryIntactRowOnce(page => page < pages, salvage);
        Assert.That(salvage.GetProperty("complete").GetBoolean(), Is.False);
    }

    [Test, Sampled("seed", 2)]
    public void ALostCatalogPage_LosesNoEntry([Values(1, 2, 3, 4)] int seed)
    {
        MakeKnowingHistory(seed);
        ulong catalog = CatalogRoot();
        Destroy(catalog);
        JsonElement salvage = Salvage();
        ExpectEveryIntactRowOnce(page => page != catalog, salvage);
        Assert.That(salvage.GetProperty("orphans").GetProperty("freePagesKnown").GetBoolean(), Is.True);
    }

    [Test]
    public void ALostCatalogPage_OfTreesThatDidNotChangeSince_LosesNotEvenTheirNames()
    {
        MakeKnowingHistory(5);
        using (Database database = Database.Open(Source))
        {
            // The catalog is written anew, and the leaf that had it before is free.
            using WriteTransaction transaction = database.BeginWrite();
            transaction[transaction.CreateTree("another")].Put("k"u8, "v"u8);
            transaction.Commit(CommitMode.Deferred);
        }

        Live.Clear();
        Live.AddRange(ReadRows(Source));
        Destroy(CatalogRoot());
        ExpectEveryIntactRowOnce(_ => true, Salvage());
        Assert.That(ReadTrees(Out, name => name == "users"), Has.Count.EqualTo(Live.Count(row => row.Tree == "users")));
    }

    [Test, Sampled("seed", 1)]
    public void BothMetasGone_GivesEveryEntry([Values(1, 2, 3)] int seed)
    {
        MakeKnowingHistory(seed);
        Change(bytes => bytes.AsSpan(4096, 8192).Clear());
        JsonElement salvage = Salvage();
        ExpectEveryIntactRowOnce(_ => true, salvage);
        Assert.That(salvage.TryGetProperty("transaction", out _), Is.False);
        Assert.That(salvage.GetProperty("unconfirmed").GetBoolean(), Is.True);
        Assert.That(ReadTrees(Out, name => name == "users"), Is.Not.Empty, "the catalog is still there");
    }

    [Test]
    public void TheSuperblockGone_LosesNothing()
    {
        MakeKnowingHistory(1);
        Change(bytes => bytes.AsSpan(0, 4096).Clear());
        ExpectEveryIntactRowOnce(_ => true, Salvage());
        Assert.That(ReadFound(Out), Is.Empty);
    }

    [Test, Sampled("pageSize", 3)]
    public void TheWholeHeadGone_GivesEveryEntry([Values(256, 512, 4096, 65536)] int pageSize)
    {
        MakeKnowingHistory(7, commits: 3, pageSize: pageSize, keys: pageSize > 4096 ? 6000 : 900);
        Change(bytes => bytes.AsSpan(0, 16384).Clear());
        ExpectEveryIntactRowOnce(_ => true, Salvage());
        Assert.That(Run("check", Source).ExitCode, Is.EqualTo(2), "to other commands it is no database");
    }

    [Test, Sampled("seed", 1)]
    public void TheHeadGone_AndTheFileCut_GivesEveryIntactEntry([Values(1, 2)] int seed)
    {
        MakeKnowingHistory(seed);
        Change(bytes => bytes.AsSpan(0, 12288).Clear());
        Cut(0.6);
        ulong pages = (ulong)new FileInfo(Source).Length / (ulong)PageSize;
        ExpectEveryIntactRowOnce(page => page < pages, Salvage());
    }

    [Test]
    public void OneMetaGone_AndTheFileCut_GivesEveryIntactEntry([Values(0, 1)] int slot)
    {
        MakeKnowingHistory(8);
        ulong newest;
        using (var file = Engine.Cli.Inspection.InspectedFile.Open(Source, withoutLock: true, CancellationToken.None))
            newest = file.RequireMeta().Id;
        Change(bytes => bytes.AsSpan(4096 * (1 + slot), 4096).Clear());
        Cut(0.6);
        ulong pages = (ulong)new FileInfo(Source).Length / (ulong)PageSize;
        JsonElement salvage = Salvage();

        // Without the newest meta the state before it is the newest that is known.
        if (salvage.GetProperty("transaction").GetUInt64() == newest)
            ExpectEveryIntactRowOnce(page => page < pages, salvage);
        else
            Assert.That(ReadTrees(Out, _ => true), Is.Not.Empty);
    }

    [Test, Sampled("seed", 4)]
    public void RandomPagesGone_EveryEntryOfTheOthersComesOut([Range(1, 12)] int seed)
    {
        MakeKnowingHistory(seed, pageSize: seed % 2 == 0 ? 512 : 1024);
        var random = new Random(seed);
        var destroyed = new HashSet<ulong>();
        Change(bytes =>
        {
            if (seed % 3 == 0)
                bytes.AsSpan(4096, 8192).Clear();
            for (int i = random.Next(2, 40); i > 0; i--)
            {
                ulong page = (ulong)random.Next(16384 / PageSize, bytes.Length / PageSize);
                destroyed.Add(page);
                bytes.AsSpan((int)page * PageSize, PageSize).Fill(0xAA);
            }
        });
        ExpectEveryIntactRowOnce(page => !destroyed.Contains(page), Salvage());
    }

    [Test, Sampled("seed", 1)]
    public void AllBranchesGone_GivesEveryEntry([Values(1, 2)] int seed)
    {
        MakeKnowingHistory(seed);
        Change(bytes =>
        {
            for (int at = 16384; at < bytes.Length; at += PageSize)
            {
                if (bytes[at + 4] == 2 && U64(bytes, at + 8) == (ulong)(at / PageSize))
                    bytes.AsSpan(at, PageSize).Fill(0xAA);
            }
        });
        ExpectEveryIntactRowOnce(_ => true, Salvage());
    }

    [Test]
    public void ALostBranch_OfTheOnlyTreeThatLostThoseKeys_GivesItsEntriesBackToTheTree()
    {
        MakeKnowingHistory(9, commits: 1);
        ulong branch = 0;
        Change(bytes =>
        {
            for (int at = bytes.Length - PageSize; at >= 16384 && branch == 0; at -= PageSize)
            {
                if (bytes[at + 4] == 2 && bytes[at + 5] == 1 && U64(bytes, at + 8) == (ulong)(at / PageSize))
                    branch = (ulong)(at / PageSize);
            }
        });
        Destroy(branch);
        JsonElement salvage = Salvage();
        ExpectEveryIntactRowOnce(_ => true, salvage);
        Assert.That(ReadFound(Out), Is.Empty);
        Assert.That(salvage.GetProperty("trees").EnumerateArray().Sum(tree =>
            tree.GetProperty("fromOrphans").GetInt64()), Is.GreaterThan(0));
        Assert.That(salvage.GetProperty("trees").EnumerateArray().Sum(tree => tree.GetProperty("missing").GetInt64()),
            Is.Zero);
    }

    [Test]
    public void TheReport_TellsPagesAndBirths()
    {
        MakeKnowingHistory(10, commits: 2);
        Cut(0.6);
        CliResult text = Run("check", Source, "--salvage", InFolder("text.db")).Expect(1);
        Assert.That(
            text.Output,
            Does.Match(
                @"lost and found: [0-9,]+ entries of [0-9,]+ leaves whose tree is not known are in the tree "
                + "lost-and-found"));
        Assert.That(text.Output, Does.Match(@"lost and found: page \d+, written by transaction \d+: \d+ entr"));
        JsonElement found = Salvage().GetProperty("lostAndFound");
        List<(string Key, string Value, ulong Birth, ulong Page)> rows = ReadFound(Out);
        Assert.That(found.GetProperty("entries").GetInt64(), Is.EqualTo(rows.Count));
        Assert.That(found.GetProperty("leaves").GetInt64(),
            Is.EqualTo(rows.Select(row => row.Page).Distinct().Count()));
        foreach (JsonElement leaf in found.GetProperty("first").EnumerateArray())
        {
            ulong page = leaf.GetProperty("page").GetUInt64();
            Assert.That(rows.Count(row => row.Page == page && row.Birth == leaf.GetProperty("birth").GetUInt64()),
                Is.EqualTo(leaf.GetProperty("entries").GetInt64()));
        }
    }

    [Test]
    public void KeysThatAreTooLongForAPrefix_KeepTheirKeysInATreeOfTheirPage()
    {
        MakeKnowingHistory(11, commits: 1, pageSize: 4096, keys: 900, longestKey: 1025);
        Change(bytes => bytes.AsSpan(4096, 8192).Clear());
        Destroy(CatalogRootOf(Source));
        ExpectEveryIntactRowOnce(_ => true, Salvage());
        Assert.That(ReadTrees(Out, name => name.StartsWith("lost-and-found ", StringComparison.Ordinal)), Is.Not.Empty);
    }

    [Test]
    public void ATreeThatIsCalledSo_StaysApart()
    {
        Run("put", Source, "mine", "v", "--tree", "lost-and-found").Expect(0);
        string lines = string.Concat(Enumerable.Range(0, 2000).Select(i => $"{i:D6}\tvalue {i}\n"));
        RunWithInput(lines, "load", Source, "-", "--format", "tsv").Expect(0);
        RunWithInput(lines, "load", Source, "-", "--format", "tsv", "--tree", "twin").Expect(0);
        Run("copy", Source, InFolder("ordered.db")).Expect(0);
        File.Copy(InFolder("ordered.db"), Source, overwrite: true);
        Change(bytes =>
        {
            for (int at = 16384; at < bytes.Length; at += 4096)
            {
                if (bytes[at + 4] == 2)
                    bytes.AsSpan(at, 4096).Fill(0xAA);
            }
        });
        JsonElement salvage = Salvage();
        Assert.That(salvage.GetProperty("lostAndFound").GetProperty("tree").GetString(),
            Is.EqualTo("lost-and-found-2"));
        Assert.That(salvage.GetProperty("lostAndFound").GetProperty("entries").GetInt64(), Is.EqualTo(4000),
            "both trees have every key, and the same values");
        Assert.That(Run("scan", Out, "--tree", "lost-and-found").Expect(0).Output, Is.EqualTo("mine\tv\n"));
    }

    [Test]
    public void ReachedOnly_LeavesTheSearchOut()
    {
        MakeKnowingHistory(12, commits: 2);
        Destroy(CatalogRoot());
        JsonElement salvage = Salvage("--reached-only");
        Assert.That(salvage.TryGetProperty("orphans", out _), Is.False);
        Assert.That(ReadFound(Out), Is.Empty);
    }

    [Test]
    public void WhatIsNoDatabase_IsNotSalvaged()
    {
        byte[] noise = new byte[200_000];
        new Random(1).NextBytes(noise);
        File.WriteAllBytes(Source, noise);
        Run("check", Source, "--salvage", Out).ExpectError(2, "is not a database");
        File.WriteAllBytes(Source, new byte[200_000]);
        Run("check", Source, "--salvage", Out).ExpectError(2, "is not a database");
        Assert.That(File.Exists(Out), Is.False);
        Assert.That(Directory.GetFiles(Folder).Select(Path.GetFileName), Is.EqualTo(new[] { "damaged.db" }));
    }

    private static ulong CatalogRootOf(string path)
    {
        // The metas are gone: the leaf that holds records of trees.
        byte[] bytes = File.ReadAllBytes(path);
        for (int at = bytes.Length - 4096; at >= 16384; at -= 4096)
        {
            if (bytes[at + 4] == 1 && bytes.AsSpan(at, 4096).IndexOf(Encoding.UTF8.GetBytes("größe")) > 0)
                return (ulong)(at / 4096);
        }

        throw new InvalidDataException("no catalog");
    }
}
