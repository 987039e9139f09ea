using System.Diagnostics;
using Engine.Bench.Data;
using Engine.Bench.Measuring;
using Engine.Bench.Workloads;

namespace Engine.Bench.Differences;

/// <summary>
/// A tree of many entries of which some are overwritten at random: how long it takes to find those, by the difference
/// of the two states and by scanning both.
/// </summary>
internal sealed class DifferenceMeasurement(string file, Scale scale, int runs, Action<string> progress)
{
    private const int PerTransaction = 100_000;
    private const int ScanRuns = 3;

    // The JIT optimises what has run for a while.
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(500);

    /// <summary>Fills the tree, and measures each number of overwrites.</summary>
    public IReadOnlyList<DifferenceRow> Run(IEnumerable<long> overwrites)
    {
        using Database database = Database.Open(file);
        progress($"filling {scale.Entries:N0} entries");
        Fill(database);
        List<DifferenceRow> rows = [];
        foreach (long count in overwrites)
        {
            progress($"{count:N0} overwrites");
            using Snapshot older = database.OpenSnapshot();
            string copyFile = $"{file}.copy{rows.Count}";
            File.Copy(file, copyFile);
            using (Database copy = Database.Open(copyFile))
            {
                Overwrite(database, count, (ulong)rows.Count + 1);
                using Snapshot newer = database.OpenSnapshot();
                using Snapshot copied = copy.OpenSnapshot();
                rows.Add(Measure(older, newer, copied, count));
            }

            File.Delete(copyFile);
        }

        return rows;
    }

    private void Fill(Database database)
    {
        using WriteTransaction transaction = database.BeginWrite();
        using BulkLoader loader = transaction.Main.BeginLoad();
        KeyStream keys = scale.FillKeys;
        ValueSource values = scale.Values(0);
        byte[] value = values.GetBuffer();
        Span<byte> key = stackalloc byte[KeyStream.KeyLength];
        for (long i = 0; i < scale.Entries; i++)
        {
            values.Write(keys.Write(i, key), value);
            loader.Add(key, value);
        }

        loader.Complete();
        transaction.Commit();
    }

    private void Overwrite(Database database, long count, ulong version)
    {
        KeyStream keys = scale.StoredKeys(version);
        ValueSource values = scale.Values(version);
        byte[] value = values.GetBuffer();
        Span<byte> key = stackalloc byte[KeyStream.KeyLength];
        for (long done = 0; done < count; done += PerTransaction)
        {
            using WriteTransaction transaction = database.BeginWrite();
            for (long i = done; i < Math.Min(count, done + PerTransaction); i++)
            {
                values.Write(keys.Write(i, key), value);
                transaction.Main.Put(key, value);
            }

            transaction.Commit();
        }
    }

    private DifferenceRow Measure(Snapshot older, Snapshot newer, Snapshot copy, long overwrites)
    {
        double first = Time(() => Compare(older, newer, out _), out long changes);
        ulong pages = 0;
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < WarmUp;)
        {
            Compare(older, newer, out pages);
        }

        double[] times = Times(runs, () => Compare(older, newer, out _));
        double[] scans = Times(ScanRuns, () => Scan(older, newer));
        long found = Scan(copy, newer);
        double[] copies = Times(ScanRuns, () => Scan(copy, newer));
        return found == changes && Scan(older, newer) == changes
            ? new DifferenceRow(
                scale.Entries,
                overwrites,
                changes,
                pages,
                first,
                Statistic.Of(times),
                Statistic.Of(scans),
                Statistic.Of(copies))
            : throw new BenchException($"The difference has {changes} changes; scans find {found}.");
    }

    private static double[] Times(int runs, Func<long> work)
    {
        double[] times = new double[runs];
        for (int i = 0; i < runs; i++)
        {
            times[i] = Time(work, out _);
        }

        return times;
    }

    private static double Time(Func<long> work, out long result)
    {
        long start = Stopwatch.GetTimestamp();
        result = work();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }

    private static long Compare(Snapshot older, Snapshot newer, out ulong pages)
    {
        using ReadTransaction olderRead = older.BeginRead();
        using ReadTransaction newerRead = newer.BeginRead();
        TreeDifference.Enumerator changes = newerRead.Main.ChangesSince(olderRead.Main).GetEnumerator();
        long count = 0;
        while (changes.MoveNext())
        {
            TreeChange change = changes.Current;
            count += change.Key.Length > 0 && !change.OldValue.SequenceEqual(change.NewValue) ? 1 : 0;
        }

        pages = changes.PagesVisited;
        return count;
    }

    // The keys are the same.
    private static long Scan(Snapshot older, Snapshot newer)
    {
        using ReadTransaction olderRead = older.BeginRead();
        using ReadTransaction newerRead = newer.BeginRead();
        TreeRange.Enumerator entries = olderRead.Main.All().GetEnumerator();
        long count = 0;
        foreach (Entry entry in newerRead.Main.All())
        {
            count += entries.MoveNext() && AreSame(entries.Current.Key, entry.Key)
                && AreSame(entries.Current.Value, entry.Value)
                    ? 0
                    : 1;
        }

        return count;
    }

    // Reads both: SequenceEqual does not where both are the same memory, as pages are that the states share.
    private static bool AreSame(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        left.Length == right.Length && left.CommonPrefixLength(right) == left.Length;
}
