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

        /// <summary>
        /// Guards the commits and what they show: the main thread looks into that while what is played within a flush
        /// adds to it.
        /// </summary>
        private readonly Lock _noting = new();

        /// <summary>All that were asked for since the last wait for all; where <see cref="_shown"/> has each.</summary>
        private readonly List<(Task<ulong> Commit, int Position, CommitMode Mode)> _commits = [];

        /// <summary>What each commit makes of the database, in their order.</summary>
        private readonly List<string> _shown = [];

        /// <summary>That of deferred ones, which may be shown before it is durable.</summary>
        private readonly HashSet<string> _shownEarly = [];
        private TransactionModel _newest = new();
        private WriteTransaction? _open;
        private TransactionPlayer? _player;
        private volatile Task _playing = Task.CompletedTask;
        private volatile bool _isQuiet;

        /// <summary>Whether the flush within which something is played has certainly not returned.</summary>
        private volatile bool _isFlushing;

        /// <summary>The state that readers see when that flush begins.</summary>
        private ulong _seenBefore;
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
        /// On whichever thread flushes. What is played may itself wait for the flush, before it writes early: then the
        /// flush goes on; so it does when the machine is so busy that the playing takes long. Everybody else waits for
        /// what is played before he transacts, but the main thread need not wait yet: the flush may begin before the
        /// call that asked for it has returned to that thread.
        /// </summary>
        private void PlayWithinFlush()
        {
            if (!_isQuiet && _playing.IsCompleted)
            {
                _ = Read(out _seenBefore);
                _isFlushing = true;
                _playing = Task.Factory.StartNew(PlayOnTop, TaskCreationOptions.LongRunning);
                _playing.Wait(TimeSpan.FromMilliseconds(50));
                _isFlushing = false;
            }
        }

        private void PlayOnTop()
        {
            try
            {
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

            // A commit that finds nobody who flies does so at once on this thread, or by the flusher. Then what is
            // played within its flush may begin, and end, before this thread has the task. So what this transaction
            // leaves is written down before its commit is asked for: the newest is afterwards perhaps that of another.
            var mode = _random.Next(3) == 0 ? CommitMode.Deferred : CommitMode.Durable;
            _newest = _player!.Model;
            int position;
            lock (_noting)
            {
                position = _shown.Count;
                _shown.Add(_newest.ToString());
                if (mode == CommitMode.Deferred)
                {
                    _shownEarly.Add(_shown[position]);
                }
            }

            var commit = transaction.CommitAsync(mode).AsTask();
            lock (_noting)
            {
                _commits.Add((commit, position, mode));
            }
        }

        private void WaitForCommits()
        {
            // Those that a transaction which is left open has found must not wait for its end.
            for (var i = 0; ; i++)
            {
                Assert.That(_playing.Wait(Patience.Limit), $"seed {_seed}: a transaction waits for ever");
                (Task<ulong> Task, int Position, CommitMode Mode) commit;
                lock (_noting)
                {
                    // All have landed, and nobody plays: there is no flush any more within which somebody would.
                    if (i == _commits.Count)
                    {
                        _commits.Clear();
                        break;
                    }

                    commit = _commits[i];
                }

                Assert.That(commit.Task.Wait(Patience.Limit), $"seed {_seed}: a commit waits for ever");
                RequireMet(commit.Task.Result, commit.Position, commit.Mode);
            }

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

        /// <summary>The promise of a commit is met when its task says so.</summary>
        private void RequireMet(ulong id, int position, CommitMode mode)
        {
            if (mode == CommitMode.Durable)
            {
                Assert.That(
                    _database.Core.DurableId,
                    Is.GreaterThanOrEqualTo(id),
                    $"seed {_seed}: what was committed is not durable");
            }

            var content = Read(out var seen);
            Assert.That(
                seen, Is.GreaterThanOrEqualTo(id), $"seed {_seed}: who begins now does not see what was committed");
            lock (_noting)
            {
                // Others may have committed meanwhile.
                Assert.That(
                    _shown.LastIndexOf(content),
                    Is.GreaterThanOrEqualTo(position),
                    $"seed {_seed}: what was committed is not there, or something else");
            }
        }

        /// <summary>Nothing of what is in flight can be seen before it is durable.</summary>
        private void RequireShown()
        {
            var content = Read(out var seen);
            var durable = _database.Core.DurableId;

            // Asked afterwards: then all of this was before the flush has returned, and nobody shows anything while
            // somebody flushes.
            var isFlushing = _isFlushing;
            lock (_noting)
            {
                Assert.That(_shown, Does.Contain(content), $"seed {_seed}");
                if (isFlushing)
                {
                    Assert.That(seen, Is.EqualTo(_seenBefore), $"seed {_seed}: something was shown within a flush");
                    Assert.That(
                        seen <= durable || _shownEarly.Contains(content), $"seed {_seed}: what is in flight is shown");
                }
            }
        }

        private string Read(out ulong id)
        {
            using var read = _database.BeginRead();
            id = read.TransactionId;
            return TransactionModel.From(read, _database);
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
