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
        Assert.That(_space.CountReusableZonePages() + _space.CountZonePages(), Is.LessThanOrEqualTo(2 * 4 * 200UL));
        Assert.That(_space.CountReusableZonePages(), Is.LessThanOrEqualTo(_space.PageCount / 25));
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

        Assert.That(_space.CountZonePages(), Is.Zero);
    }

    [Test]
    public void Zone_IsFoundAgainAtOpen()
    {
        Create(20_000, 200, 0);
        Run(3000);
        var zone = _space.CountZonePages();
        _space = SpaceManager.Open(SpaceMetas.Create(_id, _sealed), 4096, page => _disk[page], []);
        var (runs, _) = Run(200);

        Assert.That(runs, Is.LessThan(220));
        Assert.That(_space.CountZonePages(), Is.GreaterThan(zone / 2));
    }

    [Test]
    public void Leaves_SpareTheZoneUntilGrowthIsToBeAvoided()
    {
        Create(20_000, 200, 0, new SpaceTuning { ShortRun = 1 });
        Run(3000);
        var (pageCount, visible, zonePages) = (_space.PageCount, _space.VisiblePages, _space.CountReusableZonePages());
        Assert.That(zonePages, Is.Positive);

        _space.Begin(++_id);
        var taken = new List<Extent>();
        _space.TakeLeaves(visible + 10, taken);
        Assert.That(_space.PageCount, Is.EqualTo(pageCount + 10));
        _space.Abort();

        _space.AvoidGrowth = true;
        _space.Begin(_id);
        taken.Clear();
        _space.TakeLeaves(visible + 10, taken);
        Assert.That(_space.PageCount, Is.EqualTo(pageCount));
        _space.TakeBranches(zonePages - 10, 200, taken);
        Assert.That(_space.PageCount, Is.EqualTo(pageCount));
        Assert.That(_space.ReusablePages, Is.Zero);
        _space.Abort();
    }

    [Test]
    public void BranchesOfLargeCommits_LieInFewRuns_ThoughFreePagesAreScattered()
    {
        Create(20_000, 300, 0.1);
        RunLarge(40, leaves: 300, branches: 100);
        var (leafRuns, branchRuns) = RunLarge(40, leaves: 300, branches: 100);

        // What is free beside the zone lies in single pages, as the leaves show; written like those, the branches would
        // double the writes of a commit.
        Assert.That(leafRuns, Is.GreaterThan(40 * 150));
        Assert.That(branchRuns, Is.LessThan(40 * 8));
        Assert.That(_space.CountZonePages(), Is.LessThanOrEqualTo(4 * 300));
    }

    [Test]
    public void Zone_WhenTheTreesShrink_IsGivenBack()
    {
        Create(20_000, 200, 0);
        Run(3000);
        var before = _space.CountZonePages();
        var taken = new List<Extent>();
        _space.Begin(++_id);
        _space.TakeBranches(1, 1, taken);
        _space.Abort();

        Assert.That(_space.CountZonePages(), Is.LessThan(before).And.LessThanOrEqualTo(128));
    }

    private void Create(int pages, int branches, double freeShare, SpaceTuning? tuning = null)
    {
        _space = SpaceManager.Open(Meta.Initial(4096), 4096, page => _disk[page], [], tuning);
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

    /// <summary>
    /// Commits of one leaf and three branches. Returns the branch runs, and how many lay within a hundred pages behind
    /// the one before.
    /// </summary>
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
            Replace(_branches, [.. path], taken);

            Finish();
        }

        return (runs, followed);
    }

    /// <summary>Commits of many leaves and branches. Returns how many runs they lay in.</summary>
    private (int LeafRuns, int BranchRuns) RunLarge(int commits, int leaves, int branches)
    {
        var (leafRuns, branchRuns) = (0, 0);
        var taken = new List<Extent>();
        for (var i = 0; i < commits; i++)
        {
            _space.Begin(++_id);
            var oldLeaves = FreeSome(_leaves, leaves);
            var oldBranches = FreeSome(_branches, branches);
            taken.Clear();
            _space.TakeLeaves((ulong)leaves, taken);
            leafRuns += taken.Count;
            Replace(_leaves, oldLeaves, taken);
            taken.Clear();
            _space.TakeBranches((ulong)branches, (ulong)_branches.Count, taken);
            branchRuns += taken.Count;
            Replace(_branches, oldBranches, taken);
            Finish();
        }

        return (leafRuns, branchRuns);
    }

    private int[] FreeSome(List<(ulong Page, ulong Birth)> pages, int count)
    {
        var indexes = Enumerable.Range(0, pages.Count).ToArray();
        _random.Shuffle(indexes);
        foreach (var index in indexes[..count])
        {
            _space.Free(new Extent(pages[index].Page, 1), pages[index].Birth);
        }

        return indexes[..count];
    }

    private void Replace(List<(ulong Page, ulong Birth)> pages, int[] indexes, List<Extent> taken)
    {
        foreach (var (index, page) in indexes.Zip(Pages(taken)))
        {
            pages[index] = (page, _id);
        }
    }

    private static IEnumerable<ulong> Pages(List<Extent> runs) =>
        runs.SelectMany(static run => Enumerable.Range(0, (int)run.Length).Select(k => run.Start + (ulong)k));

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
