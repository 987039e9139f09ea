using System.Globalization;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Processes;

/// <summary>What a helper process can be told to do with a database; see <see cref="Storage.HelperProgram"/>.</summary>
internal static class DatabaseCommands
{
    private static Database? _database;
    private static Snapshot? _snapshot;
    private static BatchReaders? _readers;

    public static string Run(string[] words)
    {
        switch (words[0])
        {
            case "db-open":
                _database = Database.Open(words[1], new DatabaseOptions
                {
                    ReadOnly = words.Contains("readonly"),
                    WithoutLock = words.Contains("withoutlock"),
                    GuardedReads = !words.Contains("unguarded"),
                    FlushInterval = Timeout.InfiniteTimeSpan,
                });
                return "ok";
            case "db-hold":
                _snapshot = _database!.OpenSnapshot();
                return _snapshot.TransactionId.ToString(CultureInfo.InvariantCulture);
            case "db-held":
                return _snapshot!.Main.All().Count().ToString(CultureInfo.InvariantCulture);
            case "db-readers":
                _readers = new BatchReaders(_database!, Number(words[1]));
                return "ok";
            case "db-readers-end":
                _readers!.Stop();
                var (reads, verified, _) = _readers.Counts;
                return string.Create(CultureInfo.InvariantCulture, $"{reads} {verified}");
            case "db-close":
                _database!.Dispose();
                return "ok";
            case "db-put":
                Sample.Put(
                    _database!,
                    Sample.Key(Number(words[1])),
                    Sample.Bytes(Number(words[2]), Number(words[1])),
                    Mode(words));
                return "ok";
            case "db-fill":
                Sample.Fill(_database!, Number(words[1]), Number(words[2]), Number(words[3]));
                return "ok";
            case "db-overwrite":
                Overwrite(Number(words[1]), Number(words[2]));
                return "ok";
            case "db-flush":
                _database!.Flush();
                return "ok";
            case "db-check":
                var report = _database!.Check();
                return report.IsOk ? "ok" : "!" + string.Join("; ", report.Problems);
            case "db-count":
                return Sample.ReadAll(_database!)[string.Empty].Count.ToString(CultureInfo.InvariantCulture);
            case "db-readable":
                return CountReadable(Number(words[1])).ToString(CultureInfo.InvariantCulture);
            case "db-depth":
                return _database!.GetStatistics().Main.Depth.ToString(CultureInfo.InvariantCulture);
            case "db-batch":
                WriteBatch(Number(words[1]), Mode(words));
                return "ok";
            case "db-verify":
                using (var read = _database!.BeginRead())
                {
                    return Batch.Verify(_database, read).ToString(CultureInfo.InvariantCulture);
                }

            case "db-ballast":
                WriteBallast(Number(words[1]));
                return "ok";
            case "db-acknowledge":
                Acknowledgements.Write(_database!, words[1], Number(words[2]));
                return "ok";
            case "db-survive":
                return FaultyRun.Run(words[1], Number(words[2]));
            case "db-starve":
                return StarvedPool.Run(_database!, words[1]);
            case "db-clients":
                BankClients.Run(_database!, Number(words[1]), Number(words[2]));
                return "ok";
            case "db-batches":
                WriteBatches(Number(words[1]), words.Length > 2 ? Number(words[2]) : 0);
                return "ok";
            case "cut":
                using (var file = File.OpenHandle(words[1], FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
                {
                    RandomAccess.SetLength(file, Number(words[2]));
                }

                return "ok";
            case "delete":
                File.Delete(words[1]);
                return "ok";
            case "create-file":
                File.WriteAllBytes(words[1], new byte[Number(words[2])]);
                return "ok";
            default:
                throw new NotSupportedException(words[0]);
        }
    }

    /// <summary>Durable commits of one key each, all over the tree.</summary>
    private static void Overwrite(int commits, int keys)
    {
        var random = new Random(commits);
        for (var i = 0; i < commits; i++)
        {
            Sample.Put(_database!, Sample.Key(random.Next(keys)), Sample.Bytes(20, i));
        }
    }

    /// <summary>
    /// How many of the first entries of <see cref="Sample.Fill"/> are readable; of the others, a page is damaged.
    /// </summary>
    private static int CountReadable(int entries)
    {
        var readable = 0;
        using var read = _snapshot!.BeginRead();
        for (var i = 0; i < entries; i++)
        {
            try
            {
                var value = read.Main.Get(Sample.Key(i))!;
                Sample.AssertBytes(value, Sample.Bytes(value.Length, i));
                readable++;
            }
            catch (DatabaseCorruptException e) when (e.Page is not null)
            {
                // One of those that are not.
            }
        }

        return readable;
    }

    /// <summary>Batches for ever, until the process is killed; says of each durable one that it is.</summary>
    private static void WriteBatches(int first, int readers)
    {
        var last = first - 1;
        using var readersHere = new BatchReaders(
            _database!, readers, () => Volatile.Read(ref last), static e => Console.Out.WriteLine($"!{e.Message}"));
        for (var number = first; ; number++)
        {
            var isDeferred = number % 4 == 3;
            WriteBatch(number, isDeferred ? CommitMode.Deferred : CommitMode.Durable);
            Volatile.Write(ref last, number);

            if (!isDeferred)
            {
                Console.Out.WriteLine(number.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    private static void WriteBatch(int number, CommitMode mode)
    {
        using var transaction = _database!.BeginWrite();
        Batch.Write(_database, transaction, number);
        transaction.Commit(mode);
    }

    /// <summary>Puts so many kilobytes into a tree of their own, or empties it.</summary>
    private static void WriteBallast(int kilobytes)
    {
        using var transaction = _database!.BeginWrite();
        var tree = transaction.CreateTree("ballast");
        if (kilobytes == 0)
        {
            transaction[tree].Clear();
        }

        for (var i = 0; i < kilobytes; i++)
        {
            transaction[tree].Put(Sample.Key(i), Sample.Bytes(1000, i));
        }

        transaction.Commit();
    }

    private static CommitMode Mode(string[] words) =>
        words.Contains("deferred") ? CommitMode.Deferred : CommitMode.Durable;

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
}
