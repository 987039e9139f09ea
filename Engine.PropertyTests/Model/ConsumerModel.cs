using System.Text;
using Engine.PropertyTests.Simulation;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Model;

/// <summary>
/// A consumer of changes that keeps copies of all trees in the same database, each change in the transaction that
/// completes it; and its writer, on a disk whose power fails at any moment. What is always so: the copies are what the
/// trees were in the state that the consumer has come to, and each change was counted once.
/// </summary>
internal sealed class ConsumerModel(int seed) : IDisposable
{
    private const string Consumer = "copier";
    private const string CopyPrefix = "copy:";
    private const int PageSize = 256;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Random _random = new(seed);
    private readonly GuardedDisk _disk = new();

    /// <summary>How many changes the consumer has seen.</summary>
    public int Seen { get; private set; }

    /// <summary>Lives several lives, each of which ends by a failure of the power.</summary>
    public void Run(int lives)
    {
        for (var life = 0; life < lives; life++)
        {
            var database = EngineHost.Open(_disk, PageSize);
            Check(database);
            _disk.ArmCrash(_random.Next(2, 60));
            try
            {
                Live(database).GetAwaiter().GetResult();
            }
            catch (Exception e) when (_disk.IsDead
                && e is DatabaseException or IOException or SimulatedCrashException or ObjectDisposedException)
            {
                // The process is dead.
            }

            _disk.ArmCrash(null);
            _disk.MarkDead();
            try
            {
                database.Dispose();
            }
            catch (Exception e) when (e is DatabaseException or IOException)
            {
                // Only its memory is given back.
            }

            _disk.PowerCut(_random.Next(2) == 0 ? CrashPlan.Nothing : CrashPlan.Everything);
        }

        using var last = EngineHost.Open(_disk, PageSize);
        Check(last);
    }

    public void Dispose() => _disk.Dispose();

    /// <summary>The feed alone: what is applied change by change is what is there in the end.</summary>
    public static void Follow(int seed, int states)
    {
        var random = new Random(seed);
        using var database = EngineHost.Open(new GuardedDisk(), PageSize);
        FollowAsync(database, random, states).GetAwaiter().GetResult();
    }

    /// <summary>Two that consume by one name: who is slower is told.</summary>
    public static void RequireOneToMoveOn()
    {
        using var database = EngineHost.Open(new GuardedDisk(), PageSize);
        MoveOnAsync(database).GetAwaiter().GetResult();
    }

    private static async Task MoveOnAsync(Database database)
    {
        using (var start = database.OpenSnapshot())
        {
            database.CreateConsumer(Consumer, start);
        }

        Write(database, new Random(0));
        await using var one = database.ConsumeChanges(Consumer).GetAsyncEnumerator();
        await using var other = database.ConsumeChanges(Consumer).GetAsyncEnumerator();
        await one.MoveNextAsync();
        await other.MoveNextAsync();
        using (var transaction = database.BeginWrite())
        {
            transaction.Complete(one.Current);
            transaction.Commit();
        }

        using var late = database.BeginWrite();
        try
        {
            late.Complete(other.Current);
        }
        catch (ConsumerMovedException)
        {
            return;
        }

        throw new PropertyFailedException("two completed the same change");
    }

    private static async Task FollowAsync(Database database, Random random, int states)
    {
        using var stop = new CancellationTokenSource(Patience);
        var copy = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await using var feed = database.Changes(stop.Token).GetAsyncEnumerator();
        var next = feed.MoveNextAsync();
        for (var state = 0; state < states; state++)
        {
            Write(database, random);
            await next;
            for (var more = random.Next(3); more > 0; more--)
            {
                // While the change is in hand.
                Write(database, random);
            }

            foreach (var tree in feed.Current.Trees)
            {
                foreach (var change in feed.Current.ChangesIn(tree))
                {
                    Apply(copy, tree.Name + "/" + Encoding.UTF8.GetString(change.Key), change);
                }
            }

            var expected = Entries(feed.Current.Newer, static name => name);
            Require(
                copy.SequenceEqual(expected), "what the feed told does not add up to the state that it has come to");
            next = feed.MoveNextAsync();
        }

        stop.Cancel();
        try
        {
            await next;
        }
        catch (OperationCanceledException)
        {
            // That is how it ends.
        }
    }

    private async Task Live(Database database)
    {
        using var stop = new CancellationTokenSource(Patience);
        if (!database.TryOpenSnapshot(Consumer, out var position))
        {
            // From the empty state on, so that the copies are whole.
            using var start = database.OpenSnapshot();
            database.CreateConsumer(Consumer, start);
        }

        position?.Dispose();
        Write(database, _random);
        await foreach (var change in database.ConsumeChanges(Consumer, stop.Token))
        {
            var copied = change.Trees.Where(static tree => !tree.Name.StartsWith(CopyPrefix, StringComparison.Ordinal));
            using (var transaction = database.BeginWrite())
            {
                foreach (var tree in copied)
                {
                    Copy(database, transaction, change, tree);
                }

                transaction.Complete(change);
                if (_random.Next(4) != 0)
                {
                    transaction.Commit(_random.Next(3) == 0 ? CommitMode.Deferred : CommitMode.Durable);
                    Seen++;
                }
            }

            Check(database);
            for (var writes = _random.Next(1, 4); writes > 0; writes--)
            {
                Write(database, _random);
            }

            database.Flush();
        }
    }

    private static void Write(Database database, Random random)
    {
        using var transaction = database.BeginWrite();
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var tree = random.Next(3) == 0
                ? transaction.Main
                : transaction[transaction.CreateTree($"t{random.Next(3)}")];
            var key = Encoding.UTF8.GetBytes($"k{random.Next(40)}");
            if (random.Next(4) == 0)
            {
                tree.Delete(key);
            }
            else
            {
                tree.Put(key, Encoding.UTF8.GetBytes($"{random.Next()}"));
            }
        }

        if (random.Next(10) == 0)
        {
            transaction.TryDropTree($"t{random.Next(3)}");
        }

        // Something is always new.
        transaction.Main.Put("last"u8, BitConverter.GetBytes(random.NextInt64()));
        transaction.Commit();
    }

    private static void Copy(Database database, WriteTransaction transaction, StateChange change, ChangedTree tree)
    {
        var copy = transaction[transaction.CreateTree(CopyPrefix + tree.Name)];
        foreach (var entry in change.ChangesIn(tree))
        {
            if (entry.Kind == ChangeKind.Removed)
            {
                Require(copy.Delete(entry.Key), "a change was told twice, or one was not told");
            }
            else
            {
                var isNew = copy.Get(entry.Key) is null;
                Require(isNew == (entry.Kind == ChangeKind.Added), "a change was told twice, or one was not told");
                copy.Put(entry.Key, entry.NewValue);
            }
        }
    }

    private static void Apply(SortedDictionary<string, string> copy, string key, CopiedChange change)
    {
        if (change.Kind == ChangeKind.Removed)
        {
            Require(copy.Remove(key), "an entry is removed that is not there");
        }
        else
        {
            var isThere = copy.ContainsKey(key);
            Require(isThere == (change.Kind == ChangeKind.Changed), "an entry is changed that is not there");
            copy[key] = Convert.ToHexString(change.NewValue!);
        }
    }

    private static void Check(Database database)
    {
        if (!database.TryOpenSnapshot(Consumer, out var position))
        {
            return;
        }

        using (position)
        {
            using var newest = database.OpenSnapshot();
            var trees = Entries(
                position, static name => name.StartsWith(CopyPrefix, StringComparison.Ordinal) ? null : name);
            var copies = Entries(
                newest,
                static name =>
                    name.StartsWith(CopyPrefix, StringComparison.Ordinal) ? name[CopyPrefix.Length..] : null);
            Require(copies.SequenceEqual(trees), "the copies are not what the state has that the consumer has come to");
        }
    }

    private static SortedDictionary<string, string> Entries(Snapshot snapshot, Func<string, string?> nameOf)
    {
        var entries = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using var read = snapshot.BeginRead();
        foreach (var name in read.GetTreeNames().Prepend(string.Empty))
        {
            if (nameOf(name) is { } shown)
            {
                var tree = name.Length == 0 ? read.Main : read[snapshot.Database.GetTree(name)];
                foreach (var (key, value) in tree.All())
                {
                    entries.Add(shown + "/" + Encoding.UTF8.GetString(key), Convert.ToHexString(value));
                }
            }
        }

        return entries;
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new PropertyFailedException(what);
        }
    }
}
