using Engine.Tests.Infrastructure;
using NUnit.Framework.Constraints;

namespace Engine.Tests.Codecs;

/// <summary>Counted trees by their keys and values: ranks, indexes and ranges against a sorted list.</summary>
public class TypedRankTests
{
    private const int Players = 60;

    private static readonly KeyCodec<Place> PlaceCodec = KeyCodec.Tuple(KeyCodec.Int32, KeyCodec.Utf8).As(
        static (Place place) => (~place.Score, place.Player),
        static parts => new Place(~parts.Item1, parts.Item2));

    private TempDirectory _directory = null!;
    private Database _database = null!;
    private Tree<Place, int> _ranking = null!;

    [SetUp]
    public void Create()
    {
        _directory = new TempDirectory();

        // Small pages: the tree has several levels.
        _database = Database.Open(
            _directory.DatabasePath, new DatabaseOptions { PageSize = 256, AllowTestPageSizes = true });
        _ranking = _database.GetTree("ranking", PlaceCodec, ValueCodec.Default<int>());
        _database.Write(tx => _ = tx.CreateTree(_ranking, TreeOptions.Counted));
    }

    [TearDown]
    public void Close()
    {
        _database.Dispose();
        _directory.Dispose();
    }

    [TestCase(1)]
    [TestCase(2)]
    public void Ranks_WhileScoresChange_AreThoseOfASortedList(int seed)
    {
        var random = new Random(seed);
        var scores = new Dictionary<string, int>();
        for (var round = 0; round < 10; round++)
        {
            using (var tx = _database.BeginWrite())
            {
                for (var i = 0; i < 100; i++)
                {
                    Change(tx, scores, random);
                    if (i % 20 == 0)
                    {
                        RequireWritten(tx, Sorted(scores), random);
                    }
                }

                tx.Commit();
            }

            RequireRead(Sorted(scores), random);
        }

        Assert.That(scores, Has.Count.GreaterThan(Players / 2));
        Assert.That(_database.Read(_ranking, static (read, tree) => read.Open(tree).GetStatistics().Depth) > 2);
    }

    [Test]
    public void Ranges_Skipped_AreThoseOfASortedList()
    {
        var random = new Random(3);
        var scores = new Dictionary<string, int>();
        using (var tx = _database.BeginWrite())
        {
            for (var i = 0; i < 300; i++)
            {
                Change(tx, scores, random);
            }

            tx.Commit();
        }

        var sorted = Sorted(scores);
        using var read = _database.BeginRead();
        var ranking = read.Open(_ranking);
        for (var i = 0; i < 200; i++)
        {
            var (from, to) = (AnyPlace(random), AnyPlace(random));
            var (skip, take) = (random.Next(20), random.Next(20));
            var between = sorted.Where(place => IsNotBefore(place, from) && !IsNotBefore(place, to)).ToList();
            var range = ranking.Range(from, to);
            Assert.That(range.Count(), Is.EqualTo(between.Count));
            Assert.That(ranking.CountRange(from, to), Is.EqualTo(between.Count));
            Assert.That(Places(range.Skip(skip).Take(take)), Is.EqualTo(between.Skip(skip).Take(take)));
            Assert.That(range.Skip(skip).Count(), Is.EqualTo(Math.Max(0, between.Count - skip)));
            Assert.That(Places(ranking.From(from).Before(to).Skip(1).Skip(skip)), Is.EqualTo(between.Skip(1 + skip)));

            between.Reverse();
            Assert.That(Places(range.Reverse().Skip(skip).Take(take)), Is.EqualTo(between.Skip(skip).Take(take)));
            Assert.That(
                range.Reverse().Skip(skip).Take(take).Count(), Is.EqualTo(between.Skip(skip).Take(take).Count()));

            var behind = sorted.Where(place => IsNotBefore(place, from) && place != from).ToList();
            Assert.That(Places(ranking.All().After(from).Skip(skip)), Is.EqualTo(behind.Skip(skip)));
            var alike = sorted.Where(place => place.Score == from.Score).ToList();
            Assert.That(ranking.Prefix(from, 1).Count(), Is.EqualTo(alike.Count));
            Assert.That(Places(ranking.Prefix(from, 1).Skip(1)), Is.EqualTo(alike.Skip(1)));
        }
    }

    [Test]
    public void Range_ThatWasSkippedInto_IsNotNarrowedOrTurnedAround()
    {
        _database.Write(tx => tx.Open(_ranking).Put(new Place(1, "a"), 1));
        Refuse(static range => range.Skip(1).Reverse().Count());
        Refuse(static range => range.Skip(1).After(default).Count());
        Refuse(static range => range.Skip(1).Before(default).Count());
        Refuse(static range => range.Skip(1).Through(default).Count());
        Refuse(static range => range.Take(1).Skip(1).Count());
        Refuse(static range => range.Reverse().Take(1).Skip(1).Count());
        Refuse(static range => range.Skip(-1).Count(), Throws.InstanceOf<ArgumentOutOfRangeException>());
        using var read = _database.BeginRead();
        Assert.That(Places(read.Open(_ranking).All().Skip(0).Reverse()), Has.Count.EqualTo(1), "none is skipped");

        void Refuse(Func<TreeRange<Place, int>, long> count, IResolveConstraint? error = null) => Assert.That(
            () =>
            {
                using var read = _database.BeginRead();
                return count(read.Open(_ranking).All());
            },
            error ?? Throws.InvalidOperationException);
    }

    [Test]
    public void Index_ThatThereIsNot_IsRefused([Values(-1, 1, long.MaxValue)] long index)
    {
        _database.Write(tx => tx.Open(_ranking).Put(new Place(1, "a"), 1));
        using var snapshot = _database.OpenSnapshot();
        using var tx = _database.BeginWrite();
        Assert.That(() => snapshot.Open(_ranking).ElementAt(index), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => tx.Open(_ranking).ElementAt(index), Throws.InstanceOf<ArgumentOutOfRangeException>());
        using var read = _database.BeginRead();
        Assert.That(read.Open(_ranking).TryGetAt(index, out _), Is.False);
    }

    [Test]
    public void PlainTree_SaysWhatItCannotDo()
    {
        var plain = _database.GetTree<int, int>("plain");
        _database.Write(tx => tx.Open(tx.CreateTree(plain)).Put(1, 1));
        using var snapshot = _database.OpenSnapshot();
        var tree = snapshot.Open(plain);
        Assert.That(() => tree.Rank(1), Throws.InvalidOperationException);
        Assert.That(() => tree.ElementAt(0), Throws.InvalidOperationException);
        Assert.That(() => tree.CountRange(0, 1), Throws.InvalidOperationException);
        Assert.That(() => tree.Partition(2), Throws.InvalidOperationException);
        Assert.That(
            () => _database.Read(plain, static (read, tree) => read.Open(tree).All().Skip(1).Count()),
            Throws.InvalidOperationException);
        Assert.That(
            _database.Read(plain, static (read, tree) => read.Open(tree).All().Count()), Is.EqualTo(1), "by walking");
    }

    [Test]
    public void CreateTree_WithOptions_MakesItOnceAndChecksThemLater()
    {
        var plain = _database.GetTree<int, int>("plain");
        using var tx = _database.BeginWrite();
        Assert.That(tx.CreateTree(_ranking, TreeOptions.Counted), Is.SameAs(_ranking));
        Assert.That(tx.CreateTree(_ranking), Is.SameAs(_ranking), "as it is");
        Assert.That(() => tx.CreateTree(_ranking, TreeOptions.None), Throws.TypeOf<TreeOptionsException>());
        tx.CreateTree(plain, TreeOptions.None);
        Assert.That(() => tx.CreateTree(plain, TreeOptions.Counted), Throws.TypeOf<TreeOptionsException>());
        Assert.That(
            () => tx.CreateTree(plain, TreeOptions.MultiValued), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => tx.CreateTree(_database.GetTree<int, int>("ranking"), TreeOptions.Counted),
            Throws.TypeOf<CodecMismatchException>());

        // One that was made without codecs, and is empty, gets them.
        tx.CreateTree("untyped", TreeOptions.Counted);
        var typed = _database.GetTree<int, int>("untyped");
        Assert.That(() => tx.CreateTree(typed, TreeOptions.None), Throws.TypeOf<TreeOptionsException>());
        tx.Open(tx.CreateTree(typed, TreeOptions.Counted)).Put(7, 7);
        Assert.That(tx.Open(typed).Rank(8), Is.EqualTo(1));
        tx.Commit();
    }

    [Test]
    public void RanksAndSkips_AllocateNothing()
    {
        var numbers = _database.GetTree<long, int>("numbers");
        using (var tx = _database.BeginWrite())
        {
            tx.Open(tx.CreateTree(numbers, TreeOptions.Counted))
                .Load(Enumerable.Range(0, 1000).Select(static i => KeyValuePair.Create((long)i, i)));
            tx.Commit();
        }

        (long Allocated, long Sum) last = default;
        for (var i = 0; i < 3; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var sum = Sum();
            last = (GC.GetAllocatedBytesForCurrentThread() - before, sum);
        }

        Assert.That(last.Allocated, Is.Zero);
        Assert.That(last.Sum, Is.Positive);

        long Sum()
        {
            using var read = _database.BeginRead();
            var tree = read.Open(numbers);
            long sum = 0;
            for (long key = -1; key < 1001; key++)
            {
                sum += tree.Rank(key) + tree.CountRange(key, 2 * key);
                sum += tree.TryGetAt(key, out var entry) ? entry.Key + entry.Value : 0;
            }

            foreach (var (key, _) in tree.From(10).Skip(500).Take(20))
            {
                sum += key;
            }

            foreach (var (key, _) in tree.All().Reverse().Skip(500).Take(20))
            {
                sum += key;
            }

            return sum + tree.ElementAt(7).Key + tree.From(5).Skip(3).Count();
        }
    }

    private static Place AnyPlace(Random random) => new(random.Next(40), $"p{random.Next(Players)}");

    /// <summary>The best score first, and names in their order. Not by the codec: it is what is tested.</summary>
    private static List<Place> Sorted(Dictionary<string, int> scores) =>
    [
        .. scores.Select(static player => new Place(player.Value, player.Key))
            .OrderByDescending(static place => place.Score)
            .ThenBy(static place => place.Player, StringComparer.Ordinal)
    ];

    private static bool IsNotBefore(Place place, Place other) => place.Score != other.Score
        ? place.Score < other.Score
        : string.CompareOrdinal(place.Player, other.Player) >= 0;

    private static List<Place> Places(TreeRange<Place, int> range)
    {
        var places = new List<Place>();
        foreach (var (place, score) in range)
        {
            Assert.That(score, Is.EqualTo(place.Score));
            places.Add(place);
        }

        return places;
    }

    private static List<Place> Places(ReverseTreeRange<Place, int> range)
    {
        var places = new List<Place>();
        foreach (var (place, _) in range)
        {
            places.Add(place);
        }

        return places;
    }

    private void Change(WriteTransaction tx, Dictionary<string, int> scores, Random random)
    {
        var (score, player) = AnyPlace(random);
        var ranking = tx.Open(_ranking);
        if (scores.Remove(player, out var old))
        {
            Assert.That(ranking.Delete(new Place(old, player)));
        }

        if (random.Next(8) != 0)
        {
            scores[player] = score;
            ranking.Put(new Place(score, player), score);
        }
    }

    private void RequireWritten(WriteTransaction tx, List<Place> sorted, Random random)
    {
        var ranking = tx.Open(_ranking);
        var (from, to) = (AnyPlace(random), AnyPlace(random));
        Assert.That(ranking.Rank(from), Is.EqualTo(sorted.Count(place => !IsNotBefore(place, from))));
        Assert.That(
            ranking.CountRange(from, to),
            Is.EqualTo(sorted.Count(place => IsNotBefore(place, from) && !IsNotBefore(place, to))));
        if (sorted.Count > 0)
        {
            var index = random.Next(sorted.Count);
            Assert.That(ranking.ElementAt(index), Is.EqualTo(KeyValuePair.Create(sorted[index], sorted[index].Score)));
        }
    }

    private void RequireRead(List<Place> sorted, Random random)
    {
        using var read = _database.BeginRead();
        using var snapshot = _database.OpenSnapshot();
        var ranking = read.Open(_ranking);
        var copy = snapshot.Open(_ranking);
        Assert.That(Places(ranking.All()), Is.EqualTo(sorted));
        for (var i = 0; i < sorted.Count; i++)
        {
            Assert.That((ranking.Rank(sorted[i]), copy.Rank(sorted[i])), Is.EqualTo(((long)i, (long)i)));
            Assert.That(ranking.TryGetAt(i, out var entry) && entry.Key == sorted[i] && entry.Value == sorted[i].Score);
            Assert.That(ranking.ElementAt(i).Key, Is.EqualTo(sorted[i]));
            Assert.That(copy.ElementAt(i), Is.EqualTo(KeyValuePair.Create(sorted[i], sorted[i].Score)));
        }

        var (from, to) = (AnyPlace(random), AnyPlace(random));
        Assert.That(ranking.Rank(from), Is.EqualTo(sorted.Count(place => !IsNotBefore(place, from))));
        Assert.That(
            copy.CountRange(from, to),
            Is.EqualTo(sorted.Count(place => IsNotBefore(place, from) && !IsNotBefore(place, to))));
        Assert.That(ranking.TryGetRandom(random, out var any) && sorted.Contains(any.Key));
        var borders = Enumerable.Range(1, 3).Select(part => sorted[sorted.Count * part / 4]);
        Assert.That(ranking.Partition(4), Is.EqualTo(borders));
        Assert.That(copy.Partition(4), Is.EqualTo(borders));
    }

    private readonly record struct Place(int Score, string Player);
}
