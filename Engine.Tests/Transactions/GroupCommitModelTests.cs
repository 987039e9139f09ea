using Engine.Storage;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>
/// Random programs of transactions that run while the disk works: within each flush, on top of the state in flight and
/// of each other, against a model of each. Some are left open when the flush has returned, and those before them are
/// committed without them.
/// </summary>
public class GroupCommitModelTests
{
    [Test]
    public void TransactionsThatShareAFlush_AreThoseOfTheModel(
        [Values(3000, 20_000, 10_000_000)] int budget, [Values(0, 1, 2, 3)] int round)
    {
        for (var i = 0; i < 8; i++)
        {
            var seed = Random.Shared.Next();
            try
            {
                using var program = new GroupProgram(seed, budget);
                program.Run();
            }
            catch (Exception e) when (e is not AssertionException)
            {
                throw new AssertionException($"seed {seed}, budget {budget}: {e}", e);
            }
        }
    }

    private sealed class GroupProgram : IDisposable
    {
        private readonly int _seed;
        private readonly Random _random;
        private readonly CountingStorage _storage = new(new MemoryStorage());
        private readonly Database _database;
        private readonly List<(Task<ulong> Commit, TransactionModel Model, CommitMode Mode)> _commits = [];
        private readonly List<string> _shown = [];
        private TransactionModel _newest = new();
        private WriteTransaction? _open;
        private TransactionPlayer? _player;
        private Task _playing = Task.CompletedTask;
        private volatile bool _isQuiet;
        private Exception? _failure;

        public GroupProgram(int seed, long budget)
        {
            _seed = seed;
            _random = new Random(seed);
            _database = Database.Open(_storage, new DatabaseOptions
            {
                PageSize = 256 << _random.Next(2),
                AllowTestPageSizes = true,
                TransactionMemory = budget,
                EarlyWriteThreshold = 2000,
                FlushInterval = Timeout.InfiniteTimeSpan,
                SealPatience = TimeSpan.FromMilliseconds(_random.Next(2)),
                BoardingBytes = _random.Next(3) == 0 ? -1 : 0,
            });
            _shown.Add(_newest.ToString());
            _storage.BeforeFlush = PlayWithinFlush;
        }

        public void Run()
        {
            for (var i = 0; i < 8; i++)
            {
                Play();
                Finish();
                WaitForCommits();
                RequireContent();
            }

            Finish();
            WaitForCommits();
            RequireContent();
        }

        public void Dispose()
        {
            _isQuiet = true;
            try
            {
                _database.Dispose();
            }
            catch (Exception) when (_failure is not null)
            {
                // It was told already.
            }
        }

        /// <summary>
        /// On whichever thread flushes, while everybody else waits. What is played may itself wait for the flush,
        /// before it writes early: then the flush goes on.
        /// </summary>
        private void PlayWithinFlush()
        {
            if (!_isQuiet && _playing.IsCompleted)
            {
                _playing = Task.Factory.StartNew(PlayOnTop, TaskCreationOptions.LongRunning);
                _playing.Wait(TimeSpan.FromMilliseconds(50));
            }
        }

        private void PlayOnTop()
        {
            try
            {
                // Nothing of what is in flight can be seen before it is durable.
                RequireShown();
                for (var i = _random.Next(5); i > 0; i--)
                {
                    Play();
                    if (_random.Next(4) != 0)
                    {
                        Finish();
                    }
                }

                RequireShown();
            }
            catch (Exception e)
            {
                _failure ??= e;
            }
        }

        private void Play()
        {
            if (_open is null)
            {
                _open = _database.BeginWrite();
                _player = new TransactionPlayer(_database, _random, _newest.Copy());
            }

            _player!.Play(_open, _random.Next(30));
        }

        private void Finish()
        {
            if (_open is not { } transaction)
            {
                return;
            }

            _open = null;
            if (_random.Next(4) == 0)
            {
                transaction.Dispose();
                return;
            }

            // A commit that finds nobody who flies does so at once on this thread, or by the flusher.
            var mode = _random.Next(3) == 0 ? CommitMode.Deferred : CommitMode.Durable;
            _newest = _player!.Model;
            _shown.Add(_newest.ToString());
            _commits.Add((transaction.CommitAsync(mode).AsTask(), _newest, mode));
        }

        private void WaitForCommits()
        {
            // Those that a transaction which is left open has found must not wait for its end.
            for (var i = 0; ; i++)
            {
                Assert.That(_playing.Wait(Patience.Limit), $"seed {_seed}: a transaction waits for ever");
                if (i == _commits.Count)
                {
                    break;
                }

                var (commit, model, _) = _commits[i];
                Assert.That(commit.Wait(Patience.Limit), $"seed {_seed}: a commit waits for ever");
                using var read = _database.BeginRead();
                var content = TransactionModel.From(read, _database);
                Assert.That(
                    _shown.LastIndexOf(content),
                    Is.GreaterThanOrEqualTo(_shown.IndexOf(model.ToString())),
                    $"seed {_seed}: what was committed is not there, or something else");
            }

            _commits.Clear();
            if (_failure is { } failure)
            {
                throw new AssertionException($"seed {_seed}: {failure}", failure);
            }

            // Whoever was left open within the last flush goes on.
            if (_open is not null)
            {
                Play();
            }
        }

        private void RequireShown()
        {
            using var read = _database.BeginRead();
            Assert.That(_shown, Does.Contain(TransactionModel.From(read, _database)), $"seed {_seed}");
        }

        private void RequireContent()
        {
            _isQuiet = true;
            Assert.That(_playing.Wait(Patience.Limit));
            if (_open is null)
            {
                using var read = _database.BeginRead();
                Assert.That(TransactionModel.From(read, _database), Is.EqualTo(_newest.ToString()), $"seed {_seed}");
            }

            var report = _database.Check();
            Assert.That(report.Problems.Select(static problem => problem.ToString()), Is.Empty, $"seed {_seed}");
            _isQuiet = false;
        }
    }
}
