using System.Runtime.CompilerServices;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>
/// Handles of named trees: what equals what, what a handle remembers, and that names which nobody holds any more cost
/// nothing.
/// </summary>
public class TreeHandleTests
{
    private const int Many = 100_000;

    private Database _database = null!;

    [SetUp]
    public void Open() => _database = Sample.InMemory();

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public void Handles_OfOneNameAndDatabase_AreEqual()
    {
        using var other = Sample.InMemory();
        var tree = _database.GetTree("a");
        for (var i = 0; i < 5000; i++)
        {
            _database.GetTree($"another {i}");
        }

        var again = _database.GetTree("a");
        Assert.That(again, Is.Not.SameAs(tree), "so many others have taken its place");
        Assert.That(again, Is.EqualTo(tree));
        Assert.That((again == tree, again != tree), Is.EqualTo((true, false)));
        Assert.That(again.GetHashCode(), Is.EqualTo(tree.GetHashCode()));
        Assert.That(tree, Is.Not.EqualTo(_database.GetTree("b")));
        Assert.That(tree, Is.Not.EqualTo(other.GetTree("a")));
        Assert.That(_database.Main, Is.Not.EqualTo(other.Main));
        Assert.That(new HashSet<Tree> { tree, again, _database.Main }, Has.Count.EqualTo(2));
    }

    [Test]
    public void TwoHandlesOfOneName_InOneTransaction_AreTheSameTree()
    {
        var (first, second) = TwoHandles("t");
        using (var transaction = _database.BeginWrite())
        {
            Assert.That(transaction.TryDropTree(second), Is.False);
            transaction.CreateTree("t");
            transaction[first].Put("a"u8, "1"u8);
            transaction[second].Put("b"u8, "2"u8);
            Assert.That(transaction[second].Get("a"u8), Is.EqualTo("1"u8.ToArray()));
            Assert.That(transaction.RenameTree(second, "u").Name, Is.EqualTo("u"));
            Assert.Throws<TreeNotFoundException>(() => transaction[first].Put("a"u8, "1"u8));
            transaction.RenameTree(_database.GetTree("u"), "t");
            transaction[first].Put("c"u8, "3"u8);
            transaction.Commit();
        }

        using (var transaction = _database.BeginWrite())
        {
            Assert.That((transaction.TryDropTree(first), transaction.TryDropTree(second)), Is.EqualTo((true, false)));
        }

        Assert.That((Count(first), Count(second)), Is.EqualTo((3L, 3L)));
    }

    [Test]
    public void Handle_AfterARename_IsOfTheOldName_AndDropsNothing()
    {
        Tree old;
        using (var transaction = _database.BeginWrite())
        {
            old = transaction.CreateTree("old");
            transaction[old].Put("a"u8, "1"u8);
            transaction.Commit();
        }

        using (var transaction = _database.BeginWrite())
        {
            var renamed = transaction.RenameTree(old, "new");
            Assert.That(renamed, Is.EqualTo(_database.GetTree("new")));
            Assert.Throws<TreeNotFoundException>(
                () => transaction.DropTree(old), "a handle is a name, and that one has no tree");
            Assert.That(transaction.TryDropTree(old), Is.False);
            transaction.Commit();
            Assert.That((Count(old), Count(renamed)), Is.EqualTo((-1L, 1L)));
        }
    }

    [Test]
    public void Snapshots_OfDifferentCatalogs_ReadByOneHandle_SeeTheirOwnTrees()
    {
        // Every second commit has the tree "odd"; "all" has an entry for each commit, and "still" never changes.
        string[] names = ["all", "odd", "still", "never"];
        var held = new List<Snapshot>();
        var handles = names.Select(_database.GetTree).ToArray();
        for (var i = 0; i < 20; i++)
        {
            using (var transaction = _database.BeginWrite())
            {
                // By handles of its own, so that those of the readers learn nothing from it.
                transaction[transaction.CreateTree("all")].Put(Sample.Key(i), default);
                transaction.CreateTree("still");
                if (i % 2 == 1)
                {
                    transaction.CreateTree("odd");
                }
                else
                {
                    transaction.TryDropTree(NewHandle("odd"));
                }

                transaction.Commit(i % 3 == 0 ? CommitMode.Deferred : CommitMode.Durable);
            }

            held.Add(_database.OpenSnapshot());
        }

        var random = new Random(1);
        for (var round = 0; round < 1000; round++)
        {
            var i = random.Next(held.Count);
            using var read = held[i].BeginRead();
            long[] expected = [i + 1, i % 2 == 1 ? 0 : -1, 0, -1];
            for (var times = random.Next(3); times >= 0; times--)
            {
                foreach (var k in new[] { 0, 1, 2, 3, 0, 3 })
                {
                    Assert.That(Count(read, handles[k]), Is.EqualTo(expected[k]), $"tree '{names[k]}' of commit {i}");
                }
            }
        }

        held.ForEach(static snapshot => snapshot.Dispose());
    }

    [Test]
    public void Readers_WhileTreesComeGoAndChange_SeeTheTreesOfTheirOwnState()
    {
        const int Commits = 3000;
        var (shared, handle) = TwoHandles("t");
        var failures = 0;
        var isOver = false;
        var readers = Enumerable.Range(0, 3).Select(number => Task.Run(() =>
        {
            var mine = number == 0 ? handle : shared;
            while (!Volatile.Read(ref isOver))
            {
                using var snapshot = _database.OpenSnapshot();
                for (var i = 0; i < 5; i++)
                {
                    using var newest = _database.BeginRead();
                    using var older = snapshot.BeginRead();
                    if (!IsConsistent(newest, mine) || !IsConsistent(older, mine))
                    {
                        Interlocked.Increment(ref failures);
                    }
                }
            }
        })).ToArray();
        for (var i = 0; i < Commits; i++)
        {
            using var transaction = _database.BeginWrite();
            if (i % 7 == 0)
            {
                transaction.TryDropTree(shared);
                transaction.Main.Clear();
            }
            else
            {
                transaction[transaction.CreateTree("t")].Put(Sample.Key(i), default);
                transaction.Main.Put(Sample.Key(i), default);
            }

            transaction.Commit(CommitMode.Deferred);
        }

        Volatile.Write(ref isOver, true);
        Task.WaitAll(readers);
        Assert.That(failures, Is.Zero);

        static bool IsConsistent(ReadTransaction read, Tree tree)
        {
            var expected = read.Main.Count == 0 ? -1 : read.Main.Count;
            return Count(read, tree) == expected && Count(read, tree) == expected;
        }
    }

    [Test]
    public void UnknownNames_LookedUp_AreForgotten()
    {
        var perCommit = AllocatedByACommit();
        var handles = LookUpMany(name => name);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.That(handles.Count(static handle => handle.TryGetTarget(out _)), Is.LessThan(Many / 100));
        Assert.That(AllocatedByACommit(), Is.LessThan(perCommit + 1000));
    }

    [Test]
    public void LivingTrees_LookedUp_CostNothingInLaterCommits()
    {
        using (var transaction = _database.BeginWrite())
        {
            for (var i = 0; i < Many / 10; i++)
            {
                transaction.CreateTree($"tree {i}");
            }

            transaction.Commit();
        }

        var perCommit = AllocatedByACommit();
        LookUpMany(static name => name % (Many / 10));
        Assert.That(AllocatedByACommit(), Is.LessThan(perCommit + 1000));
    }

    [Test]
    public void TreesThatWereCreatedAndDropped_CostNothingInLaterCommits()
    {
        // What is pending grows until it is flushed, again and again: the least of many is compared.
        var first = long.MaxValue;
        var last = long.MaxValue;
        for (var i = 0; i < Many / 4; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            using (var transaction = _database.BeginWrite())
            {
                transaction.CreateTree($"a tree with a longer name {i}");
                transaction.Commit(CommitMode.Deferred);
            }

            using (var transaction = _database.BeginWrite())
            {
                Assert.That(transaction.TryDropTree(_database.GetTree($"a tree with a longer name {i}")));
                transaction.Commit(CommitMode.Deferred);
            }

            ref var least = ref i < Many / 8 ? ref first : ref last;
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.That(last, Is.LessThan(first + 2000));
    }

    [Test]
    public void Transaction_AfterOneThatTouchedManyNames_AllocatesNoMoreThanBefore()
    {
        var perCommit = AllocatedByACommit();
        using (var transaction = _database.BeginWrite())
        {
            for (var i = 0; i < Many; i++)
            {
                Assert.That(transaction.TryDropTree(_database.GetTree($"tree {i}")), Is.False);
            }

            transaction.Commit();
        }

        Assert.That(AllocatedByACommit(), Is.LessThan(perCommit + 1000));
    }

    private static long Count(ReadTransaction read, Tree tree) =>
        read.TryGetTree(tree, out var reader) ? reader.Count : -1;

    private long Count(Tree tree) => _database.Read(tree, static (read, tree) => Count(read, tree));

    private Tree NewHandle(string name) => TwoHandles(name).Second;

    /// <summary>Different handles of one name: between the two, others take their place.</summary>
    private (Tree First, Tree Second) TwoHandles(string name)
    {
        var first = _database.GetTree(name);
        Tree second;
        for (var i = 0; ReferenceEquals(second = _database.GetTree(name), first); i++)
        {
            _database.GetTree($"{name} {i}");
        }

        return (first, second);
    }

    /// <summary>What a commit of one put allocates on the managed heap, the least of some.</summary>
    private long AllocatedByACommit()
    {
        var least = long.MaxValue;
        var tree = _database.GetTree("of the commits");
        for (var i = 0; i < 10; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            using (var transaction = _database.BeginWrite())
            {
                transaction.CreateTree("of the commits");
                transaction[tree].Put(Sample.Key(i), default);
                transaction.Commit();
            }

            using (var read = _database.BeginRead())
            {
                Assert.That(Count(read, tree), Is.EqualTo(i + 1).Or.EqualTo(10));
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private List<WeakReference<Tree>> LookUpMany(Func<int, int> name)
    {
        var handles = new List<WeakReference<Tree>>();
        for (var i = 0; i < Many; i++)
        {
            var tree = _database.GetTree($"tree {name(i)}");
            using var read = _database.BeginRead();
            read.TryGetTree(tree, out _);
            handles.Add(new WeakReference<Tree>(tree));
        }

        return handles;
    }
}
