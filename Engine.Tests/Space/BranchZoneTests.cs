using Engine.Pages;
using Engine.Space;

namespace Engine.Tests.Space;

/// <summary>The branches of small commits come as one run, for little space.</summary>
public class BranchZoneTests
{
    private readonly Dictionary<ulong, byte[]> _disk = [];
    private readonly List<(ulong Page, ulong Birth)> _leaves = [];
    private readonly List<(ulong Page, ulong Birth)> _branches = [];
    private readonly Random _random = new(5);
    private SpaceManager _space = null!;
    private ulong _id;
    private SealedSpace _sealed;

    [SetUp]
    public void SetUp()
    {
        _disk.Clear();
        _leaves.Clear();
        _branches.Clear();
        _id = 1;
    }

    [Test]
    public void SmallCommits_WriteTheirBranchesInOneRun([Values(0.0, 0.2)] double freeShare)
    {
        Create(20_000, 200, freeShare);
        Run(3000);
        var (runs, _) = Run(1000);

        Assert.That(runs, Is.LessThan(1050));
        var statistics = _space.GetStatistics();
        Assert.That(statistics.ReusableZonePages + statistics.ZonePages, Is.LessThanOrEqualTo(2 * 4 * 200UL));
        Assert.That(statistics.ReusableZonePages, Is.LessThanOrEqualTo(statistics.PageCount / 25));
    }

    [Test]
    public void SmallCommits_MoveThroughTheZone()
    {
        Create(20_000, 200, 0);
        Run(3000);
        var (_, followed) = Run(1000);

        Assert.That(followed, Is.GreaterThan(800));
    }

    [Test]
    public void SmallCommits_GrowTheFileByLittle()
    {
        Create(20_000, 200, 0);
        var before = _space.PageCount;
        Run(10_000);

        Assert.That(_space.PageCount - before, Is.LessThan(before / 25));
    }

    [Test]
    public void ADatabaseOfFewPages_HasNoZone()
    {
        Create(1000, 20, 0.1);
        Run(500);

        Assert.That(_space.GetStatistics().ZonePages, Is.Zero);
    }

    [Test]
    public void Zone_IsFoundAgainAtOpen()
    {
        Create(20_000, 200, 0);
        Run(3000);
        var zone = _space.GetStatistics().ZonePages;
        _space = SpaceManager.Open(SpaceMetas.Create(_id, _sealed), 4096, page => _disk[page], []);
        var (runs, _) = Run(200);

        Assert.That(runs, Is.LessThan(220));
        Assert.That(_space.GetStatistics().ZonePages, Is.GreaterThan(zone / 2));
    }

    [Test]
    public void Leaves_SpareTheZoneUntilGrowthIsToBeAvoided()
    {
        Create(20_000, 200, 0);
        Run(3000);
        var statistics = _space.GetStatistics();
        Assert.That(statistics.ReusableZonePages, Is.Positive);
        var visible = statistics.ReusablePages - statistics.ReusableZonePages;

        _space.Begin(++_id);
        var taken = new List<Extent>();
        _space.TakeLeaves(visible + 10, taken);
        Assert.That(_space.PageCount, Is.EqualTo(statistics.PageCount + 10));
        _space.Abort();

        _space.AvoidGrowth = true;
        _space.Begin(_id);
        taken.Clear();
        _space.TakeLeaves(visible + 10, taken);
        Assert.That(_space.PageCount, Is.EqualTo(statistics.PageCount));
        _space.TakeBranches(statistics.ReusableZonePages - 10, 200, taken);
        Assert.That(_space.PageCount, Is.EqualTo(statistics.PageCount));
        Assert.That(_space.ReusablePages, Is.Zero);
        _space.Abort();
    }

    [Test]
    public void Zone_WhenTheTreesShrink_IsGivenBack()
    {
        Create(20_000, 200, 0);
        Run(3000);
        var before = _space.GetStatistics().ZonePages;
        var taken = new List<Extent>();
        _space.Begin(++_id);
        _space.TakeBranches(1, 1, taken);
        _space.Abort();

        Assert.That(_space.GetStatistics().ZonePages, Is.LessThan(before).And.LessThanOrEqualTo(128));
    }

    private void Create(int pages, int branches, double freeShare)
    {
        _space = SpaceManager.Open(Meta.Initial(4096), 4096, page => _disk[page], []);
        _space.Begin(++_id);
        var taken = new List<Extent>();
        _space.TakeLeaves((ulong)pages, taken);
        foreach (var run in taken)
        {
            for (var page = run.Start; page < run.End; page++)
            {
                (_random.Next(pages) < branches ? _branches : _leaves).Add((page, _id));
            }
        }

        Finish();
        _space.Begin(++_id);
        for (var i = 0; i < pages * freeShare; i++)
        {
            var index = _random.Next(_leaves.Count);
            _space.Free(new Extent(_leaves[index].Page, 1), _leaves[index].Birth);
            _leaves.RemoveAt(index);
        }

        Finish();
    }

    /// <summary>Commits of one leaf and three branches. Returns the branch runs, and how many lay within a hundred pages behind the one before.</summary>
    private (int Runs, int Followed) Run(int commits)
    {
        var runs = 0;
        var followed = 0;
        ulong last = 0;
        var taken = new List<Extent>();
        for (var i = 0; i < commits; i++)
        {
            _space.Begin(++_id);
            taken.Clear();
            Free(_leaves, out var leaf);
            _space.TakeLeaves(1, taken);
            _leaves[leaf] = (taken[0].Start, _id);

            // The root, one of ten below it, and one of all.
            var path = new HashSet<int> { 0, _random.Next(1, 11), _random.Next(11, _branches.Count) };
            foreach (var index in path)
            {
                _space.Free(new Extent(_branches[index].Page, 1), _branches[index].Birth);
            }

            taken.Clear();
            _space.TakeBranches((ulong)path.Count, (ulong)_branches.Count, taken);
            runs += taken.Count;
            followed += taken[0].Start >= last && taken[0].Start < last + 100 ? 1 : 0;
            last = taken[^1].End;
            var pages = taken.SelectMany(static run => Enumerable.Range(0, (int)run.Length).Select(k => run.Start + (ulong)k)).ToArray();
            foreach (var (index, page) in path.Zip(pages))
            {
                _branches[index] = (page, _id);
            }

            Finish();
        }

        return (runs, followed);
    }

    private void Free(List<(ulong Page, ulong Birth)> pages, out int index)
    {
        index = _random.Next(pages.Count);
        _space.Free(new Extent(pages[index].Page, 1), pages[index].Birth);
    }

    private void Finish()
    {
        _sealed = _space.Seal();
        foreach (var image in _sealed.NewLogPages.Span)
        {
            _disk[image.Page] = image.Bytes.ToArray();
        }

        _space.Publish();
        _space.ReleaseUnheld([_id]);
    }
}
