using System.Buffers.Binary;
using Engine.Storage;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Concurrency;

/// <summary>
/// A reader in a process of its own, and a writer that opens the database, commits twice and closes it: in every order
/// of their accesses to the file and to the lock file's header, within a bound on the switches, the reader begins on a
/// whole state that is not older than what was acknowledged before, and is never told that something is wrong.
/// </summary>
// Two threads take turns, and each turn would wait for a core.
[NonParallelizable]
public class RefreshInterleavingTests
{
    /// <summary>
    /// What the lock file says at first: right, nothing, or what it said before the machine went down.
    /// </summary>
    private static readonly ulong?[] Published = [null, 0, 77];

    [Test]
    public void BeginRead_InEveryInterleavingWithAWriterThatComesAndGoes_FindsAWholeState(
        [ValueSource(nameof(Published))] ulong? published, [Values] bool opens)
    {
        var storage = default(SteppingStorage)!;
        var image = Image();
        var (acknowledged, seen) = (0, new HashSet<int>());
        var (all, _) = Interleaver.Explore(
            2,
            opens && StressTime.Seconds(1) <= TimeSpan.FromSeconds(1) ? 2 : 3,
            steps =>
            {
                storage ??= new SteppingStorage(steps.Step);
                storage.Load(image);
                using (var first = LockFile.InMemory(storage.Locks))
                {
                    first.PublishedId = published ?? 2;
                }

                acknowledged = 2;
                var open = opens ? null : OpenForReading(storage);
                return
                [
                    () =>
                    {
                        using var database = open ?? OpenForReading(storage);
                        for (var i = 0; i < 2; i++)
                        {
                            var atLeast = Volatile.Read(ref acknowledged);
                            using var read = database.BeginRead();
                            var found = BinaryPrimitives.ReadInt32BigEndian(read.Main.Get("n"u8));
                            Assert.That(found, Is.GreaterThanOrEqualTo(atLeast));

                            // Opening and closing give a state that is there another id.
                            Assert.That(read.TransactionId, Is.GreaterThanOrEqualTo((ulong)found));
                            seen.Add(found);
                        }
                    },
                    () =>
                    {
                        var options = new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan };
                        using var database = Database.Open(storage, options);
                        for (var i = 0; i < 2; i++)
                        {
                            Volatile.Write(ref acknowledged, (int)Commit(database));
                        }
                    },
                ];
            },
            () => false);
        TestContext.Out.WriteLine($"{all} interleavings; seen: {string.Join(", ", seen.Order())}");
        Assert.That(all, Is.GreaterThan(500));
        Assert.That(seen, Has.Count.EqualTo(3).And.Contains(2), "all states are reached");
    }

    private static Database OpenForReading(SteppingStorage storage) =>
        Database.Open(storage, new DatabaseOptions { ReadOnly = true });

    private static byte[] Image()
    {
        using var storage = new MemoryStorage();
        using var database = Database.Open(storage, new DatabaseOptions());
        Assert.That(Commit(database), Is.EqualTo(2));
        var image = new byte[database.Core.File.Length];
        database.Core.File.Read(0, image);
        return image;
    }

    private static ulong Commit(Database database)
    {
        using var transaction = database.BeginWrite();
        transaction.Main.Put("n"u8, Sample.Key((int)transaction.TransactionId));
        return transaction.Commit();
    }
}
