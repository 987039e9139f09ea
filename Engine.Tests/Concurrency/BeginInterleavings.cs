using Engine.Storage;

namespace Engine.Tests.Concurrency;

/// <summary>
/// The steps of a reader that begins, reads and ends, and of a writer that publishes, scans and reuses pages, on the
/// real reader table, in every order in which two threads can take them.
/// </summary>
internal static class BeginInterleavings
{
    private const int Commits = 2;

    /// <summary>Takes every interleaving.</summary>
    /// <param name="readsAgain">
    /// Whether the reader looks, after it has pinned, whether the published id has moved.
    /// </param>
    /// <param name="publishesFirst">Whether the writer publishes before it scans the slots, and not after.</param>
    /// <returns>
    /// How many interleavings there are, and in how many the reader's pages are reused while it reads them.
    /// </returns>
    public static (int All, int Broken) Explore(bool readsAgain, bool publishesFirst)
    {
        using var lockFile = LockFile.InMemory();
        var (all, broken) = (0, 0);
        var choices = new List<bool>();
        do
        {
            all++;
            broken += IsBroken(lockFile, choices, readsAgain, publishesFirst) ? 1 : 0;
        }
        while (NextSchedule(choices));
        return (all, broken);
    }

    /// <summary>
    /// Runs one schedule; where it ends before both are done, the reader goes first, and the choice is noted.
    /// </summary>
    private static bool IsBroken(LockFile lockFile, List<bool> choices, bool readsAgain, bool publishesFirst)
    {
        var run = new Run(lockFile, readsAgain);
        using var reader = run.Read().GetEnumerator();
        using var writer = run.Write(publishesFirst).GetEnumerator();
        var (readerRuns, writerRuns) = (true, true);
        for (var step = 0; readerRuns || writerRuns; step++)
        {
            if (step == choices.Count)
            {
                choices.Add(false);
            }

            // Once one has ended there is no choice.
            choices[step] = readerRuns && writerRuns ? choices[step] : !readerRuns;
            if (choices[step])
            {
                writerRuns = writer.MoveNext();
            }
            else
            {
                readerRuns = reader.MoveNext();
            }

            if (!readerRuns || !writerRuns)
            {
                // What follows is forced, and must not be counted as a choice.
                choices.RemoveRange(step + 1, choices.Count - step - 1);
                while (readerRuns && (readerRuns = reader.MoveNext()))
                {
                }

                while (writerRuns && (writerRuns = writer.MoveNext()))
                {
                }
            }
        }

        return run.IsBroken;
    }

    /// <summary>The next schedule in order: the last choice for the reader becomes one for the writer.</summary>
    private static bool NextSchedule(List<bool> choices)
    {
        var last = choices.LastIndexOf(false);
        if (last < 0)
        {
            return false;
        }

        choices[last] = true;
        choices.RemoveRange(last + 1, choices.Count - last - 1);
        return true;
    }

    private sealed class Run
    {
        private readonly LockFile _lock;
        private readonly bool _readsAgain;
        private readonly ulong[] _pins = new ulong[LockLayout.SlotCount];
        private ulong _reusedBelow;

        public Run(LockFile lockFile, bool readsAgain)
        {
            (_lock, _readsAgain) = (lockFile, readsAgain);
            _lock.PublishedId = 1;
        }

        public bool IsBroken { get; private set; }

        public IEnumerable<int> Read()
        {
            var slot = _lock.Readers.Claim();
            yield return 0;
            ulong id;
            do
            {
                id = _lock.PublishedId;
                yield return 1;
                _lock.Readers.Pin(slot, id);
                yield return 2;
            }
            while (_readsAgain && _lock.PublishedId != id);
            yield return 3;
            for (var look = 0; look < 2; look++)
            {
                IsBroken |= _reusedBelow > id;
                yield return 4;
            }

            _lock.Readers.Release(slot);
        }

        public IEnumerable<int> Write(bool publishesFirst)
        {
            for (ulong id = 2; id < 2 + Commits; id++)
            {
                if (publishesFirst)
                {
                    _lock.PublishedId = id;
                    yield return 0;
                }

                var oldest = id;
                var count = _lock.Readers.CollectPins(_pins);
                foreach (var pin in _pins.AsSpan(0, count))
                {
                    oldest = Math.Min(oldest, pin);
                }

                yield return 1;
                if (!publishesFirst)
                {
                    _lock.PublishedId = id;
                    yield return 0;
                }

                _reusedBelow = Math.Max(_reusedBelow, oldest);
                yield return 2;
            }
        }
    }
}
