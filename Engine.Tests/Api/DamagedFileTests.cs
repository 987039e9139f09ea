using Engine.Pages;
using Engine.Storage;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>
/// Damage anywhere in a file: a typed exception, or the right answers. In memory, so that thousands of images are
/// tried.
/// </summary>
public class DamagedFileTests
{
    private const int PageSize = 512;

    private byte[] _image = null!;

    /// <summary>
    /// What the image may answer: its newest state, or the durable one before it, when the damage makes its last commit
    /// look like one cut off.
    /// </summary>
    private Dictionary<string, SortedDictionary<byte[], byte[]>>[] _states = null!;

    [OneTimeSetUp]
    public void MakeImage()
    {
        var storage = new MemoryStorage();
        using var database = Database.Open(storage, Sample.Options(PageSize));
        for (var i = 0; i < 3; i++)
        {
            Write(database, i);
        }

        var before = Sample.ReadAll(database);
        Write(database, 3);
        _states = [Sample.ReadAll(database), before];
        var file = database.Core.File;
        _image = new byte[(int)database.Core.Published.PageCount * PageSize];
        file.Read(0, _image);
    }

    [Test]
    public void Image_Undamaged_GivesItsNewestState() => Assert.That(Outcome(_image), Is.EqualTo("state 0"));

    [Test]
    public void FlippedBit_InTheSuperblockOrAMeta_IsNoticedOrHarmless()
    {
        var outcomes = new SortedDictionary<string, int>();
        for (var i = 0; i < 3 * 4096; i++)
        {
            // Every byte of the fields that holds something, and a few of the many others.
            if ((_image[i] != 0 && i % 4096 < 512) || i % 37 == 0)
            {
                Count(outcomes, Outcome(Flipped(i, 1 << (i % 8))));
            }
        }

        Report(outcomes);
    }

    [Test]
    public void FlippedBit_InAPage_IsNoticedOrHarmless()
    {
        var outcomes = new SortedDictionary<string, int>();
        for (var i = 16384; i < _image.Length; i += 23)
        {
            Count(outcomes, Outcome(Flipped(i, 1 << (i % 8))));
        }

        Report(outcomes);
        Assert.That(outcomes.Keys, Has.Some.StartsWith("DatabaseCorruptException"));
    }

    [Test]
    public void Truncation_AtEveryInterestingLength_IsNoticed()
    {
        var outcomes = new SortedDictionary<string, int>();
        var lengths = new HashSet<int>(Enumerable.Range(0, 200));
        for (var block = 0; block <= _image.Length; block += 256)
        {
            lengths.UnionWith([block - 1, block, block + 1]);
        }

        foreach (var length in lengths.Where(length => length >= 0 && length < _image.Length))
        {
            var outcome = Outcome(_image[..length]);
            Count(outcomes, outcome);
            Assert.That(outcome, Does.StartWith("Database").Or.EqualTo("state 1"), $"{length} bytes");
        }

        Report(outcomes);
    }

    [Test]
    public void Garbage_OverwritingAnything_IsNoticedOrHarmless([Range(0, 4)] int seed)
    {
        var outcomes = new SortedDictionary<string, int>();
        var random = new Random(seed);
        for (var i = 0; i < 150; i++)
        {
            var image = _image.ToArray();
            var length = Math.Min(random.Next(1, 1500), image.Length);
            random.NextBytes(image.AsSpan(random.Next(i % 3 == 0 ? 16384 : image.Length - length), length));
            Count(outcomes, Outcome(image));
        }

        Report(outcomes);
    }

    [Test]
    public void Pages_SwappedOrCopiedOverOthers_AreNoticedOrHarmless()
    {
        var outcomes = new SortedDictionary<string, int>();
        var random = new Random(1);
        for (var i = 0; i < 300; i++)
        {
            var image = _image.ToArray();
            var (from, to) = (random.Next(32, image.Length / PageSize), random.Next(32, image.Length / PageSize));
            _image.AsSpan(from * PageSize, PageSize).CopyTo(image.AsSpan(to * PageSize));
            if (i % 2 == 0)
            {
                _image.AsSpan(to * PageSize, PageSize).CopyTo(image.AsSpan(from * PageSize));
            }

            Count(outcomes, Outcome(image));
        }

        Report(outcomes);
    }

    /// <summary>
    /// First touch does not compare keys with each other. So dropping the name once leaves it in the catalog, and when
    /// the commit puts the final records there, it goes a second time, with the leaf that the commit has collected. Its
    /// parent must not be written then.
    /// </summary>
    [Test]
    public void NameThatStandsTwiceInTheCatalog_IsRefusedByTheCommitThatDropsIt()
    {
        var builder = new ImageBuilder(PageSize) { CatalogTree = { Fanout = 6 } };
        foreach (var name in "abcdefwx")
        {
            builder.Tree(name.ToString());
        }

        var image = builder.Build();
        var leaf = image.Leaf(TestImage.Catalog, 1);
        image.Page(leaf.Number)[image.CellOffset(leaf, 0) + PageLayout.LeafCellHeader] = (byte)'x';
        image.Set32(leaf.Number, PageLayout.HeaderSize, 'x' << 24);
        image.Mend();
        using var database = Database.Open(
            Storage(image.File),
            new DatabaseOptions { AllowTestPageSizes = true, FlushInterval = Timeout.InfiniteTimeSpan });
        using (var transaction = database.BeginWrite())
        {
            transaction.DropTree(database.GetTree("x"));
            var refusal = Assert.Throws<DatabaseCorruptException>(() => transaction.Commit());
            Assert.That(refusal.Message, Does.Contain("shape"));
        }

        Sample.Put(database, "a"u8, "1"u8);
        using var read = database.BeginRead();
        Assert.That(read.GetTreeNames(), Has.Count.EqualTo(8));
    }

    /// <summary>Opens an image and reads all of it, then writes to it.</summary>
    private string Outcome(byte[] image)
    {
        try
        {
            using var database = Database.Open(
                Storage(image),
                new DatabaseOptions { AllowTestPageSizes = true, FlushInterval = Timeout.InfiniteTimeSpan });
            var all = Sample.ReadAll(database);
            var state = Array.FindIndex(_states, state => IsSame(state, all));
            Assert.That(state, Is.GreaterThanOrEqualTo(0), "wrong answers");
            Write(database, 9);
            return $"state {state}";
        }
        catch (DatabaseException e)
        {
            return e.GetType().Name;
        }
    }

    private byte[] Flipped(int offset, int bits)
    {
        var image = _image.ToArray();
        image[offset] ^= (byte)bits;
        return image;
    }

    private static void Write(Database database, int round)
    {
        using var transaction = database.BeginWrite();
        var tree = transaction.CreateTree("named");
        for (var i = 0; i < 25; i++)
        {
            transaction.Main.Put(Sample.Key((i * 7) + round), Sample.Bytes(i % 9 == 0 ? 900 : 30, i + round));
            transaction[tree].Put(Sample.Key(i * (round + 1)), Sample.Bytes(10, i));
        }

        transaction.Main.Delete(Sample.Key(round));
        transaction.Commit();
    }

    private static MemoryStorage Storage(byte[] image)
    {
        var storage = new MemoryStorage();
        using (var file = storage.CreateTemporary())
        {
            file.Write(0, image);
        }

        storage.RenameTemporary();
        return storage;
    }

    private static bool IsSame(
        Dictionary<string, SortedDictionary<byte[], byte[]>> left,
        Dictionary<string, SortedDictionary<byte[], byte[]>> right) =>
        left.Count == right.Count
        && left.All(tree => right.TryGetValue(tree.Key, out var other) && tree.Value.Count == other.Count
            && tree.Value.Zip(other).All(
                pair => pair.First.Key.AsSpan().SequenceEqual(pair.Second.Key)
                    && pair.First.Value.AsSpan().SequenceEqual(pair.Second.Value)));

    private static void Count(SortedDictionary<string, int> outcomes, string outcome) =>
        outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;

    private static void Report(SortedDictionary<string, int> outcomes) =>
        TestContext.Out.WriteLine(string.Join(", ", outcomes.Select(outcome => $"{outcome.Key}: {outcome.Value}")));
}
