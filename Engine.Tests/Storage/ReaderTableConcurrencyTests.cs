using Engine.Storage;

namespace Engine.Tests.Storage;

/// <summary>Many threads on one reader table.</summary>
[TestFixture(true)]
[TestFixture(false)]
public class ReaderTableConcurrencyTests(bool inMemory) : StorageTest
{
    private const int Threads = 8;

    private LockFile _lock = null!;

    [SetUp]
    public void Open() =>
        _lock = inMemory ? LockFile.InMemory() : new FileStorage(DatabasePath).OpenLockFile(readOnly: false);

    [TearDown]
    public void Close() => _lock.Dispose();

    [Test]
    public void Claim_ByEightThreads_NeverGivesASlotTwice()
    {
        const int Rounds = 30_000;
        int[] users = new int[LockLayout.SlotCount];
        int clashes = 0;

        InParallel(thread =>
        {
            var random = new Random(thread);
            var held = new Stack<int>();
            for (int i = 0; i < Rounds; i++)
            {
                if (held.Count == 0 || (held.Count < 6 && random.Next(2) == 0))
                {
                    int slot = _lock.Readers.Claim();
                    if (Interlocked.Increment(ref users[slot]) != 1)
                    {
                        Interlocked.Increment(ref clashes);
                    }

                    _lock.Readers.Pin(slot, (ulong)(thread + 1));
                    held.Push(slot);
                }
                else
                {
                    int slot = held.Pop();
                    Interlocked.Decrement(ref users[slot]);
                    _lock.Readers.Release(slot);
                }
            }

            foreach (int slot in held)
            {
                Interlocked.Decrement(ref users[slot]);
                _lock.Readers.Release(slot);
            }
        });

        Assert.That(clashes, Is.Zero);
        Assert.That(_lock.Readers.Describe(), Is.Empty);
    }

    [Test]
    public void CollectPins_BesideReadersAndSweeps_NeverMissesAPinThatWasConfirmed()
    {
        // The protocol as the layers above use it. The writer publishes, collects, and recycles everything below the
        // oldest pin; a reader that has confirmed its pin must never find it recycled.
        const int Publications = 20_000;
        ulong recycledBelow = 0;
        int violations = 0;
        bool done = false;
        _lock.PublishedId = 1;

        var writer = new Thread(() =>
        {
            ulong[] ids = new ulong[LockLayout.SlotCount];
            for (ulong id = 2; id < Publications; id++)
            {
                _lock.PublishedId = id;
                int count = _lock.Readers.CollectPins(ids);
                ulong oldest = id;
                foreach (ulong pin in ids.AsSpan(0, count))
                {
                    oldest = Math.Min(oldest, pin);
                }

                Volatile.Write(ref recycledBelow, Math.Max(oldest, Volatile.Read(ref recycledBelow)));
                if (id % 64 == 0)
                {
                    _lock.SweepNowAndThen();
                }
            }

            Volatile.Write(ref done, true);
        });
        writer.Start();
        InParallel(thread =>
        {
            ReaderTable readers = _lock.Readers;
            while (!Volatile.Read(ref done))
            {
                int slot = readers.Claim();
                ulong id;
                do
                {
                    id = _lock.PublishedId;
                    readers.Pin(slot, id);
                }
                while (_lock.PublishedId != id);

                for (int look = 0; look < thread * 10; look++)
                {
                    if (Volatile.Read(ref recycledBelow) > id)
                    {
                        Interlocked.Increment(ref violations);
                    }
                }

                readers.Release(slot);
            }
        });
        writer.Join();

        Assert.That(violations, Is.Zero);
    }

    private static void InParallel(Action<int> body)
    {
        Exception? failure = null;
        Thread[] threads = Enumerable.Range(0, Threads).Select(index => new Thread(() =>
        {
            try
            {
                body(index);
            }
            catch (Exception e)
            {
                failure = e;
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.That(failure, Is.Null);
    }
}
