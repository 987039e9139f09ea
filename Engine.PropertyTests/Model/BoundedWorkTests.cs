using System.Buffers.Binary;
using Engine.PropertyTests.Simulation;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Model;

/// <summary>Invariants 7 and 8, counted in pages and bytes, never in time.</summary>
[TestFixture]
public class BoundedWorkTests
{
    private const int PageSize = 512;
    private const int ValueLength = 40;

    // The space log in its tight sizes, so that it is condensed and has pages of its own all the time.
    private static readonly OperationProgram Tight = new(PageSize, [], IsTight: true);
    private static readonly OperationProgram Usual = new(PageSize, []);

    private static OperationProgram[] Setups => [Tight, Usual];

    [Test]
    public void OneKeyCommits_InADatabaseThirtyTimesAsLarge_WriteAsMuchButForTheDepth()
    {
        var (small, depth) = BytesPerCommit(Usual, entries: 500, commits: 400);
        var (large, largerDepth) = BytesPerCommit(Usual, entries: 15_000, commits: 400);
        TestContext.Out.WriteLine($"{small} and {large} bytes per commit, {depth} and {largerDepth} levels");
        Assert.That(large - small, Is.LessThanOrEqualTo((largerDepth - depth + 1) * PageSize));
    }

    [TestCaseSource(nameof(Setups))]
    public void OneKeyCommits_AfterALongHistory_WriteAsMuchAsAtFirst(object setup)
    {
        using var run = new Run((OperationProgram)setup, 2_000);
        var first = run.Overwrite(500);
        run.Overwrite(4_000);
        var last = run.Overwrite(500);
        TestContext.Out.WriteLine($"{first} bytes per commit at first, {last} later");
        Assert.That(last, Is.LessThanOrEqualTo(first * 5 / 4));
    }

    [TestCaseSource(nameof(Setups))]
    public void OneKeyCommits_BesideAHeldReader_WriteAsMuchAsWithout(object setup)
    {
        using var run = new Run((OperationProgram)setup, 2_000);
        var without = run.Overwrite(500);
        using var held = run.Database.OpenSnapshot();
        run.Overwrite(3_000);
        var with = run.Overwrite(500);
        TestContext.Out.WriteLine($"{without} bytes per commit without, {with} with a reader");
        Assert.That(with, Is.LessThanOrEqualTo(without * 3 / 2));
    }

    [Test]
    public void Commit_ThatReleasesALargeBucket_WritesNoMoreThanOthers()
    {
        using var run = new Run(Usual, 4_000);
        run.Overwrite(50);
        var usual = run.Overwrite(200);
        var held = run.Database.OpenSnapshot();
        run.Overwrite(4_000);
        held.Dispose();
        var after = run.Overwrite(1);
        TestContext.Out.WriteLine($"{usual} bytes per commit, {after} in the one after the release");
        Assert.That(after, Is.LessThanOrEqualTo(2 * usual));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(3)]
    public void PagesInUse_WithReadersHeldOverALongHistory_AreThoseOfTheirSnapshotsAndTheCurrentOne(int readers)
    {
        using var run = new Run(Usual, 1_000);
        var held = new List<Snapshot>();
        for (var i = 0; i < readers; i++)
        {
            run.Overwrite(700);
            held.Add(run.Database.OpenSnapshot());
        }

        run.Overwrite(700);
        var before = run.Database.GetStatistics();
        run.Overwrite(5_000);
        var after = run.Database.GetStatistics();
        TestContext.Out.WriteLine(
            $"{before.PageCount} pages, {before.PendingPages} pending; then {after.PageCount} and "
            + $"{after.PendingPages}; the tree has {after.TreePages}");
        Assert.That(after.PendingPages, Is.LessThanOrEqualTo(readers * after.TreePages * 11 / 10));
        Assert.That(
            after.PageCount,
            Is.LessThanOrEqualTo(before.PageCount + (before.PageCount / 4)),
            "the file does not grow with history");
        held.ForEach(static s => s.Dispose());
    }

    // Invariant 7, with names that come and go, and reopening: all pages are those of the named states, of the present
    // and of one commit, and those that can be reused.
    [Test]
    public void PagesInUse_WithNamedStatesOverALongHistory_AreThoseOfTheNamedStatesAndTheCurrentOne()
    {
        const int Names = 3;
        using var run = new Run(Usual, 1_000);
        run.Overwrite(700);
        var tree = run.Database.GetStatistics().TreePages;
        long most = 0;
        for (var i = 0; i < 24; i++)
        {
            var name = $"{i % Names}";
            if (i >= Names)
            {
                run.Database.DeleteSnapshot(name);
            }

            run.Database.CreateSnapshot(name);
            run.Overwrite(100 + (i * 17 % 120));
            if (i % 7 == 6)
            {
                run.Reopen();
                run.Overwrite(1);
            }

            var now = run.Database.GetStatistics();
            most = Math.Max(most, (long)(now.PageCount - now.FreePages + now.PendingPages!.Value));
            Assert.That(now.TreePages + now.PendingPages, Is.LessThanOrEqualTo((Names + 1) * (tree + 16)));
        }

        TestContext.Out.WriteLine($"at most {most} pages in use or pending; the tree has {tree}");
        for (var i = 0; i < Names; i++)
        {
            run.Database.DeleteSnapshot($"{i}");
        }

        run.Overwrite(50);
        var left = run.Database.GetStatistics();
        Assert.That(left.PendingPages, Is.LessThan(16), "nothing waits when nothing is named");
        Assert.That(left.TreePages, Is.LessThanOrEqualTo(tree + 16));
    }

    [Test]
    public void OneKeyCommits_BesideManyNamedStates_WriteNoMoreBytes()
    {
        using var run = new Run(Usual, 1_000);
        var usual = run.Overwrite(200);
        for (var i = 0; i < 60; i++)
        {
            run.Database.CreateSnapshot($"{i}");
        }

        run.Overwrite(200);
        var beside = run.Overwrite(400);
        TestContext.Out.WriteLine($"{usual} bytes per commit, {beside} beside 60 names");
        Assert.That(beside, Is.LessThanOrEqualTo(usual * 3 / 2));
    }

    private static (long Bytes, int Depth) BytesPerCommit(OperationProgram setup, int entries, int commits)
    {
        using var run = new Run(setup, entries);
        run.Overwrite(100);
        return (run.Overwrite(commits), run.Database.GetStatistics().Main.Depth);
    }

    /// <summary>
    /// A database on a simulated disk, whose keys are overwritten in a scattered order, each in a durable commit.
    /// </summary>
    private sealed class Run : IDisposable
    {
        private readonly GuardedDisk _disk = new(default(ImageView), capacity: 16 << 20);
        private readonly OperationProgram _setup;
        private readonly int _entries;
        private ulong _number;

        public Run(OperationProgram setup, int entries)
        {
            _setup = setup;
            _entries = entries;
            Database = EngineHost.Open(_disk, setup);
            using var transaction = Database.BeginWrite();
            for (var i = 0; i < entries; i++)
            {
                transaction.Main.Put(Key(i), new byte[ValueLength]);
            }

            transaction.Commit();
        }

        public Database Database { get; private set; }

        public void Reopen()
        {
            Database.Dispose();
            Database = EngineHost.Open(_disk, _setup);
        }

        /// <returns>Bytes written per commit.</returns>
        public long Overwrite(int commits)
        {
            var before = _disk.BytesWritten;
            var value = new byte[ValueLength];
            for (var i = 0; i < commits; i++)
            {
                using var transaction = Database.BeginWrite();
                Dice.Fill(value, ++_number);
                transaction.Main.Put(Key((int)(Dice.Mix(_number) % (ulong)_entries)), value);
                transaction.Commit();
            }

            return (_disk.BytesWritten - before) / commits;
        }

        public void Dispose()
        {
            Database.Dispose();
            _disk.Discard();
        }

        private static byte[] Key(int number)
        {
            var key = new byte[8];
            BinaryPrimitives.WriteInt32BigEndian(key, number);
            return key;
        }
    }
}
