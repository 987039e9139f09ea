using System.Diagnostics;
using Engine.Storage;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Concurrency;

/// <summary>
/// Many threads and a thousand flows that write at once, with everything that can come in between: what each of them
/// was told is so, what readers see moves forward only, and nobody waits for ever.
/// </summary>
public class GroupCommitTests
{
    private const int Threads = 64;
    private const int Flows = 1000;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    [Test]
    public void ThreadsAndFlows_OfAllKinds_GetWhatTheyWereTold([Values] bool inMemory)
    {
        using var directory = new TempDirectory();
        var scene = new Scene(Storage(directory, inMemory), Options(), Threads, Flows);
        scene.Run(StressTime.Seconds(1));
        scene.RequireAllIn(scene.Database);
        Assert.That(scene.Acknowledged, Is.GreaterThan(Flows / 2));
        scene.Close();
        if (!inMemory)
        {
            scene.RequireAllIn(directory);
        }
    }

    [Test]
    public void LongTransactions_HoldUpNobodyWhoCommittedBefore_AndAreWholeThemselves()
    {
        using var directory = new TempDirectory();
        var options = new DatabaseOptions
        {
            SealPatience = TimeSpan.FromMilliseconds(1),
            EarlyWriteThreshold = 3000,
            PageSize = 512,
            AllowTestPageSizes = true,
            TransactionMemory = 50_000,
        };
        var scene = new Scene(Storage(directory, inMemory: false), options, 4, 50);
        var random = new Random(1);
        var number = 0;
        scene.Beside = () =>
        {
            using var transaction = scene.Database.BeginWrite();
            var tree = transaction.CreateTree("long");
            for (var i = 0; i < 5; i++)
            {
                transaction[tree].Put(Sample.Key(number + i), new byte[random.Next(6000)]);
                Thread.Sleep(random.Next(4));
            }

            transaction.Commit(random.Next(2) == 0 ? CommitMode.Deferred : CommitMode.Durable);
            number += 5;
        };
        scene.Run(StressTime.Seconds(1));
        scene.RequireAllIn(scene.Database);
        Assert.That(number, Is.GreaterThan(10));
        Assert.That(
            scene.Database.Read(scene.Database.GetTree("long"), static (read, tree) => read[tree].Count),
            Is.EqualTo((long)number));
        scene.Close();
        scene.RequireAllIn(directory);
    }

    [Test]
    public void Cancellations_AtAnyMoment_LeaveATraceOfWhatSucceededOnly()
    {
        using var directory = new TempDirectory();
        using var source = new Cancellations();
        var scene = new Scene(Storage(directory, inMemory: false), Options(), 8, Flows, source.Next)
        {
            Beside = source.CancelSome,
        };
        scene.Run(StressTime.Seconds(1));
        scene.RequireAllIn(scene.Database);
        Assert.That(scene.Refused, Is.GreaterThan(Flows / 10));
        Assert.That(scene.Acknowledged, Is.GreaterThan(Flows / 10));
        scene.Close();
        scene.RequireAllIn(directory);
    }

    [Test]
    public void WritersWhoseTurnDoesNotComeInTime_LeaveNoTrace()
    {
        using var directory = new TempDirectory();
        var options = new DatabaseOptions { WriterTimeout = TimeSpan.FromMilliseconds(5) };
        var scene = new Scene(Storage(directory, inMemory: false), options, Threads, Flows);
        scene.Beside = () =>
        {
            if (scene.Database.TryBeginWrite(Soon, out var transaction))
            {
                Thread.Sleep(10);
                transaction.Dispose();
            }
        };
        scene.Run(StressTime.Seconds(1));
        scene.RequireAllIn(scene.Database);
        Assert.That(scene.Refused, Is.GreaterThan(Flows / 10));
        Assert.That(scene.Acknowledged, Is.GreaterThan(10));
        scene.Close();
        scene.RequireAllIn(directory);
    }

    [Test]
    public void ThreadsThatAreInterrupted_AtAnyMoment_KnowWhatTheyHaveDone()
    {
        using var directory = new TempDirectory();
        var random = new Random(1);
        var scene = new Scene(Storage(directory, inMemory: false), Options(), 16, 50);
        scene.Beside = () =>
        {
            scene.Interrupt(random.Next(16));
            Thread.SpinWait(random.Next(50_000));
        };
        scene.Run(StressTime.Seconds(1));
        scene.RequireAllIn(scene.Database);
        Assert.That(scene.Acknowledged, Is.GreaterThan(16));
        scene.Close();
        scene.RequireAllIn(directory);
    }

    [Test]
    public void Closing_AmongManyWriters_ReleasesAllOfThem_AndKeepsWhatTheyWereTold(
        [Values] bool isAsync, [Values(0, 10)] int patience)
    {
        for (var round = StressTime.Rounds(8); round > 0; round--)
        {
            using var directory = new TempDirectory();
            var options = new DatabaseOptions { SealPatience = TimeSpan.FromMilliseconds(patience) };
            var scene = new Scene(Storage(directory, inMemory: false), options, 16, 200);
            scene.Start();
            Thread.Sleep(Random.Shared.Next(40));
            var watch = Stopwatch.StartNew();
            if (isAsync)
            {
                Assert.That(scene.Database.DisposeAsync().AsTask().Wait(Soon));
            }
            else
            {
                scene.Database.Dispose();
            }

            scene.WaitForAll();
            Assert.That(watch.Elapsed, Is.LessThan(Soon));
            scene.RequireAllIn(directory);
        }
    }

    [Test]
    public void FlushThatFails_AmongManyWriters_ReleasesAllOfThem_AndKeepsWhatTheyWereTold([Values(0, 10)] int patience)
    {
        for (var round = StressTime.Rounds(8); round > 0; round--)
        {
            using var directory = new TempDirectory();
            var storage = new CountingStorage(Storage(directory, inMemory: false));
            var options = new DatabaseOptions { SealPatience = TimeSpan.FromMilliseconds(patience) };
            var scene = new Scene(storage, options, 16, 200);
            var flushes = Random.Shared.Next(1, 30);
            storage.BeforeFlush = () =>
            {
                if (Interlocked.Decrement(ref flushes) <= 0)
                {
                    throw new IOException("the disk is gone");
                }
            };
            scene.Start();
            scene.WaitForAll();
            Assert.Throws<DatabasePoisonedException>(() => scene.Database.BeginWrite());
            try
            {
                scene.Database.Dispose();
            }
            catch (DatabasePoisonedException)
            {
                // There were deferred ones.
            }

            scene.RequireAllIn(directory, areDeferredLost: true);
        }
    }

    [Test]
    public void DiskThatIsFull_AmongManyWriters_CostsOnlyThoseWhoAreTold()
    {
        var storage = new QuotaStorage();
        var scene = new Scene(storage, Options(), 8, 200);
        var random = new Random(1);
        scene.Beside = () =>
        {
            storage.Quota = storage.Used + random.Next(2);
            Thread.Sleep(5);
            storage.Quota = int.MaxValue;
            Thread.Sleep(5);
        };
        scene.Run(StressTime.Seconds(1));
        storage.Quota = int.MaxValue;
        scene.RequireAllIn(scene.Database);
        Assert.That(scene.Acknowledged, Is.GreaterThan(100));
        Sample.Put(scene.Database, Sample.Key(-1), new byte[8]);
        scene.Close();
        using var reopened = Database.Open(storage, Options());
        scene.RequireAllIn(reopened);
    }

    private static DatabaseOptions Options() => new() { FlushInterval = TimeSpan.FromMilliseconds(20) };

    private static IStorage Storage(TempDirectory directory, bool inMemory) =>
        inMemory ? new MemoryStorage() : new FileStorage(directory.DatabasePath);

    /// <summary>Tokens that are cancelled sooner or later.</summary>
    private sealed class Cancellations : IDisposable
    {
        private readonly Lock _lock = new();
        private readonly Random _random = new(1);
        private CancellationTokenSource _source = new();

        public CancellationToken Next(Random random)
        {
            lock (_lock)
            {
                return random.Next(3) == 0 ? default : _source.Token;
            }
        }

        public void CancelSome()
        {
            Thread.SpinWait(_random.Next(200_000));
            CancellationTokenSource source;
            lock (_lock)
            {
                source = _source;
                _source = new CancellationTokenSource();
            }

            source.Cancel();
            source.Dispose();
        }

        public void Dispose() => _source.Dispose();
    }

    /// <summary>A bank, its clients, and readers beside them.</summary>
    private sealed class Scene
    {
        private readonly BankClient[] _clients;
        private readonly Thread[] _threads;
        private readonly List<Task> _flows = [];
        private readonly List<Task> _others = [];
        private readonly int _seed = Random.Shared.Next();
        private volatile bool _isOver;
        private Exception? _failure;

        public Scene(
            IStorage storage,
            DatabaseOptions options,
            int threads,
            int flows,
            Func<Random, CancellationToken>? tokens = null)
        {
            Database = Database.Open(storage, options);
            Bank.Found(Database);
            _clients = [.. Enumerable.Range(0, threads + flows).Select(i => new BankClient(Database, i, _seed))];
            _threads = [.. _clients[..threads].Select(client => new Thread(() => client.RunOnThread(() => _isOver)))];
            if (tokens is not null)
            {
                Array.ForEach(_clients, client => client.Tokens = tokens);
            }
        }

        public Database Database { get; }

        /// <summary>Is done beside the clients, again and again.</summary>
        public Action Beside { get; set; } = static () => Thread.Sleep(1);

        public long Acknowledged => _clients.Sum(static client => client.Acknowledged);

        public long Refused => _clients.Sum(static client => client.Refused);

        public void Start()
        {
            _others.Add(HeldStorage.OnThread(() => Repeat(Read)));
            _others.Add(HeldStorage.OnThread(() => Repeat(Beside)));
            Array.ForEach(_threads, static thread => thread.Start());
            _flows.AddRange(_clients[_threads.Length..].Select(client => client.Run(() => _isOver)));
        }

        public void Run(TimeSpan time)
        {
            Start();
            Thread.Sleep(time);
            WaitForAll(isOver: true);
        }

        /// <summary>
        /// Waits until all clients have ended, because the database is of no use, or because it is over.
        /// </summary>
        public void WaitForAll(bool isOver = false)
        {
            _isOver = isOver;
            foreach (var thread in _threads)
            {
                Assert.That(thread.Join(Soon), $"seed {_seed}: a thread waits for ever");
            }

            Assert.That(Task.WhenAll(_flows).Wait(Soon), $"seed {_seed}: a flow waits for ever");
            _isOver = true;
            Assert.That(Task.WhenAll(_others).Wait(Soon), $"seed {_seed}: somebody else waits for ever");
            Assert.That(_failure, Is.Null, $"seed {_seed}");
        }

        public void Interrupt(int thread) => _threads[thread].Interrupt();

        public void Close() => Database.Dispose();

        public void RequireAllIn(TempDirectory directory, bool areDeferredLost = false)
        {
            using var database = Database.Open(directory.DatabasePath);
            RequireAllIn(database, areDeferredLost);
        }

        public void RequireAllIn(Database database, bool areDeferredLost = false)
        {
            database.Read(static read => Bank.Verify(read));
            var problems = database.Check().Problems.Select(static problem => problem.ToString());
            Assert.That(problems, Is.Empty, $"seed {_seed}");
            foreach (var client in _clients)
            {
                client.Require(database, areDeferredLost);
            }
        }

        private void Repeat(Action action)
        {
            try
            {
                while (!_isOver)
                {
                    action();
                }
            }
            catch (ObjectDisposedException)
            {
                // Closed.
            }
            catch (DatabasePoisonedException)
            {
                // Of no use any more.
            }
            catch (Exception e)
            {
                _failure ??= e;
            }
        }

        private void Read()
        {
            long newest = 0;
            ulong id = 0;
            for (var i = 0; i < 20; i++)
            {
                using (var read = Database.BeginRead())
                {
                    var updates = Bank.Verify(read);
                    if (updates < newest || read.TransactionId < id)
                    {
                        throw new InvalidDataException($"{updates} after {newest}, {read.TransactionId} after {id}");
                    }

                    (newest, id) = (updates, read.TransactionId);
                }

                _ = Database.GetStatistics();
                Thread.Sleep(1);
            }
        }
    }
}
