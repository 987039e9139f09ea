using System.Diagnostics;
using Engine.Bench.Data;
using Engine.Bench.Workloads;

namespace Engine.Bench.History;

/// <summary>
/// Databases of many entries, with names and without, with somebody who follows and without: what the one costs beside
/// the other.
/// </summary>
internal sealed class HistoryMeasurement(string directory, HistorySettings settings, Action<string> progress)
{
    private const int Names = 1000;
    private const int Writers = 64;
    private const int DeferredAtOnce = 2000;

    private Scale Scale => settings.Scale;

    /// <summary>Measures everything.</summary>
    public IReadOnlyList<HistoryRow> Run()
    {
        progress($"filling {Scale.Entries:N0} entries, twice");
        using Database plain = Fill("plain.db");
        using Database named = Fill("named.db");
        List<HistoryRow> rows = [CreateNames(plain), OpenNames(plain)];
        progress($"naming {Names:N0} states");
        MakeNames(named);
        rows.Add(Commits(plain, named, CommitMode.Durable));
        rows.Add(Commits(plain, named, CommitMode.Deferred));
        rows.Add(Following(plain));
        return rows;
    }

    private Database Fill(string name)
    {
        Database database = Database.Open(Path.Combine(directory, name));
        using WriteTransaction transaction = database.BeginWrite();
        using BulkLoader loader = transaction.Main.BeginLoad();
        KeyStream keys = Scale.FillKeys;
        ValueSource values = Scale.Values(0);
        byte[] value = values.GetBuffer();
        Span<byte> key = stackalloc byte[KeyStream.KeyLength];
        for (long i = 0; i < Scale.Entries; i++)
        {
            values.Write(keys.Write(i, key), value);
            loader.Add(key, value);
        }

        loader.Complete();
        transaction.Commit();
        return database;
    }

    private HistoryRow CreateNames(Database database)
    {
        progress("creating named snapshots");
        Puts puts = new(Scale, 1);
        return Rounds("create a named snapshot", "commit of one put, durable", round =>
        {
            double commit = Time(() => puts.Commit(database, CommitMode.Durable));
            return (Time(() => database.CreateSnapshot($"created {round}")), commit);
        });
    }

    private HistoryRow OpenNames(Database database) =>
        Rounds("open a named snapshot and read one value", "the same of the newest state", round =>
        {
            using (Snapshot warm = database.OpenSnapshot($"created {round}"))
            {
                _ = warm.Main.Get(new byte[KeyStream.KeyLength]);
            }

            double newest = Time(() => Read(database.OpenSnapshot()));
            return (Time(() => Read(database.OpenSnapshot($"created {round}"))), newest);

            static void Read(Snapshot opened)
            {
                using Snapshot snapshot = opened;
                _ = snapshot.Main.Get(new byte[KeyStream.KeyLength]);
            }
        });

    private void MakeNames(Database database)
    {
        Puts puts = new(Scale, 2);
        for (int i = 0; i < Names; i++)
        {
            using WriteTransaction transaction = database.BeginWrite();
            puts.Put(transaction);
            transaction.CreateSnapshot($"named {i}");
            transaction.Commit(CommitMode.Deferred);
        }

        database.Flush();
    }

    private HistoryRow Commits(Database plain, Database named, CommitMode mode)
    {
        bool isDurable = mode == CommitMode.Durable;
        progress(isDurable ? "durable commits" : "commits without a flush");
        Puts ofPlain = new(Scale, 3);
        Puts ofNamed = new(Scale, 3);
        int count = isDurable ? 20 : DeferredAtOnce;
        string what = isDurable ? "commit of one put, durable" : "commit of one put, no flush";
        return Rounds($"{what}, with {Names:N0} named snapshots", "without", _ =>
        {
            double without = Time(() => Repeat(ofPlain, plain)) / count;
            double with = Time(() => Repeat(ofNamed, named)) / count;
            plain.Flush();
            named.Flush();
            return (with, without);
        });

        void Repeat(Puts puts, Database database)
        {
            for (int i = 0; i < count; i++)
            {
                puts.Commit(database, mode);
            }
        }
    }

    private HistoryRow Following(Database database)
    {
        progress($"{Writers} writers, with a consumer that keeps up and without");
        List<(double With, double Without)> rounds = [];
        for (int round = 0; round < settings.LoadRounds; round++)
        {
            double first = Load(database, isFollowed: round % 2 == 0, round);
            double second = Load(database, isFollowed: round % 2 != 0, round);
            rounds.Add(round % 2 == 0 ? (first, second) : (second, first));
        }

        return HistoryRow.Of(
            $"{Writers} writers, durable puts, with a consumer that reads each change", "without", isRate: true, rounds);
    }

    private double Load(Database database, bool isFollowed, int round)
    {
        using CancellationTokenSource stop = new();
        Task following = isFollowed ? Task.Run(() => Follow(database, stop.Token)) : Task.CompletedTask;
        long done = 0;
        bool isOver = false;
        long start = Stopwatch.GetTimestamp();
        Thread[] writers = [.. Enumerable.Range(0, Writers).Select(writer => new Thread(() =>
        {
            Puts puts = new(Scale, (ulong)((round * Writers) + writer + 10));
            while (!Volatile.Read(ref isOver))
            {
                puts.Commit(database, CommitMode.Durable);
                Interlocked.Increment(ref done);
            }
        }))];
        foreach (Thread writer in writers)
        {
            writer.Start();
        }

        Thread.Sleep(settings.Load);
        Volatile.Write(ref isOver, true);
        foreach (Thread writer in writers)
        {
            writer.Join();
        }

        double rate = done / Stopwatch.GetElapsedTime(start).TotalSeconds;
        stop.Cancel();
        try
        {
            following.Wait();
        }
        catch (AggregateException stopped) when (stopped.InnerException is OperationCanceledException)
        {
            // That is how it ends.
        }

        return rate;
    }

    private static async Task Follow(Database database, CancellationToken cancellation)
    {
        await foreach (StateChange change in database.ConsumeChanges("follower", cancellation))
        {
            foreach (ChangedTree tree in change.Trees)
            {
                Count(change, tree);
            }
        }
    }

    private static long Count(StateChange change, ChangedTree tree)
    {
        using ReadTransaction older = change.Older.BeginRead();
        using ReadTransaction newer = change.Newer.BeginRead();
        long bytes = 0;
        foreach (TreeChange entry in newer.ChangesSince(older, tree))
        {
            bytes += entry.Key.Length + entry.NewValue.Length;
        }

        return bytes;
    }

    private HistoryRow Rounds(string name, string than, Func<int, (double Value, double Base)> measure)
    {
        _ = measure(0);
        return HistoryRow.Of(
            name, than, isRate: false, [.. Enumerable.Range(1, settings.Rounds).Select(measure)]);
    }

    private static double Time(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }

    /// <summary>Random overwrites, one after the other.</summary>
    private sealed class Puts(Scale scale, ulong salt)
    {
        private readonly ValueSource _values = scale.Values(salt);
        private readonly byte[] _value = scale.Values(salt).GetBuffer();
        private readonly byte[] _key = new byte[KeyStream.KeyLength];
        private long _next;

        public void Put(WriteTransaction transaction)
        {
            KeyStream keys = scale.StoredKeys(salt);
            _values.Write(keys.Write(_next++, _key), _value);
            transaction.Main.Put(_key, _value);
        }

        public void Commit(Database database, CommitMode mode)
        {
            using WriteTransaction transaction = database.BeginWrite();
            Put(transaction);
            transaction.Commit(mode);
        }
    }
}
