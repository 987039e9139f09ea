using Engine.Storage;
using Engine.Tests.Storage;

namespace Engine.Tests.Concurrency;

/// <summary>
/// The steps of a process that sweeps, of a reader that begins, reads and ends, and of a third one (a writer that
/// publishes, collects the pins and reuses pages, or somebody else who sweeps), on the real lock file, in every order
/// within a bound on the switches. There is always a slot of a dead process, which the reader takes when it is free.
/// </summary>
internal sealed class SweepInterleavings
{
    private readonly LockMemory _memory;
    private readonly LockMemory _elsewhere = new();
    private readonly ulong[] _pins = new ulong[LockLayout.SlotCount];
    private ulong _reusedBelow;
    private bool _isBroken;

    private SweepInterleavings(bool hasByteLocks = true) => _memory = new LockMemory(hasByteLocks);

    /// <summary>Beside a writer.</summary>
    /// <param name="onlyTheCollectorLowersTheMark">
    /// Whether only the writer lowers the high-water mark, between its collections.
    /// </param>
    /// <returns>
    /// How many orders there are, and in how many the reader's pages are reused while it reads them, or its pin gets
    /// lost.
    /// </returns>
    public static (int All, int Broken) ExploreBesideAWriter(bool onlyTheCollectorLowersTheMark)
    {
        var interleavings = new SweepInterleavings();
        return interleavings.Explore(
            4,
            interleavings.Write,
            (steps, file) =>
            {
                file.TrySweep(new Pause(steps), out _);
                if (!onlyTheCollectorLowersTheMark)
                {
                    file.Readers.LowerHighWater(new Pause(steps));
                }
            });
    }

    /// <summary>Beside somebody else who sweeps.</summary>
    /// <param name="sweepersExcludeEachOther">Whether one sweeps at a time.</param>
    /// <returns>The same.</returns>
    public static (int All, int Broken) ExploreBesideASweeper(
        bool sweepersExcludeEachOther) => new SweepInterleavings().Explore(
        4,
        (steps, file) => Sweep(steps, file, sweepersExcludeEachOther),
        (steps, file) => Sweep(steps, file, sweepersExcludeEachOther));

    /// <summary>Somebody looks for a writer while a dead one's entry is swept.</summary>
    /// <returns>How many orders there are, and in how many the dead one is taken for alive.</returns>
    public static (int All, int Broken) ExploreALookForADeadWriter()
    {
        var interleavings = new SweepInterleavings();
        return Interleaver.Explore(
            2,
            6,
            steps =>
            {
                interleavings.Begin();
                var (looking, sweeping) = (interleavings.Join(steps), interleavings.Join(steps));
                var dead = LockFile.InMemory(interleavings._memory, LockFileUse.Writing);
                Assert.That(dead.TryLockWriter());
                dead.Abandon();
                return
                [
                    () =>
                    {
                        for (var look = 0; look < 2; look++)
                        {
                            interleavings._isBroken |= looking.HasLiveWriter;
                        }
                    },
                    () => sweeping.TrySweep(new Pause(steps), out _),
                ];
            },
            () => interleavings._isBroken);
    }

    /// <summary>Somebody registers, claims a slot and pins while the entry of a dead process is swept.</summary>
    /// <param name="hasByteLocks">
    /// Whether the system has locks on single bytes; otherwise processes are judged by number and start.
    /// </param>
    /// <returns>
    /// How many orders there are, and in how many the new one, or its pin, is taken for a dead one's.
    /// </returns>
    public static (int All, int Broken) ExploreARegistration(bool hasByteLocks)
    {
        var interleavings = new SweepInterleavings(hasByteLocks);
        return Interleaver.Explore(
            2,
            3,
            steps =>
            {
                interleavings.Begin();
                var (dead, sweeping) = (interleavings.Join(), interleavings.Join(steps));
                dead.Readers.Pin(dead.Readers.Claim(), 1);
                dead.Abandon();
                return
                [
                    () =>
                    {
                        var coming = interleavings.Join(steps);
                        var slot = coming.Readers.Claim();
                        steps.Step();
                        coming.Readers.Pin(slot, 2);
                        for (var look = 0; look < 2; look++)
                        {
                            steps.Step();
                            var own = coming.Readers.Describe().Where(info => info.IsOwn && info.TransactionId == 2);
                            interleavings._isBroken |= own.Count(info => info.Liveness == ProcessLiveness.Alive) != 1;
                        }
                    },
                    () =>
                    {
                        sweeping.TrySweep(new Pause(steps), out _);
                        sweeping.TrySweep(new Pause(steps), out _);
                    },
                ];
            },
            () => interleavings._isBroken);
    }

    private static void Sweep(Interleaver steps, LockFile file, bool withTheRightTo)
    {
        if (withTheRightTo)
        {
            file.TrySweep(new Pause(steps), out _);
        }
        else
        {
            file.Readers.SweepDead(new Pause(steps), belowMarkOnly: false);
        }
    }

    private (int All, int Broken) Explore(
        int switches,
        Action<Interleaver, LockFile> second,
        Action<Interleaver, LockFile> third) => Interleaver.Explore(
        3,
        switches,
        steps =>
        {
            Begin();
            var files = new[] { Join(), Join(), Join() };
            files[0].PublishedId = 1;
            return [() => Read(steps, files[0]), () => second(steps, files[1]), () => third(steps, files[2])];
        },
        () => _isBroken);

    private void Begin()
    {
        _memory.Reset();
        (_reusedBelow, _isBroken) = (0, false);
    }

    private void Read(Interleaver steps, LockFile file)
    {
        // On this thread, so that the reader would like the same slot; and always in the same one.
        LikeSlot(5);
        var dead = Join();
        dead.Readers.Pin(dead.Readers.Claim(), 1);
        dead.Abandon();
        steps.Step();
        var slot = file.Readers.Claim();
        steps.Step();
        ulong id;
        do
        {
            id = file.PublishedId;
            file.Readers.Pin(slot, id);
        }
        while (file.PublishedId != id);
        for (var look = 0; look < 2; look++)
        {
            steps.Step();
            _isBroken |= _reusedBelow > id
                || !file.Readers.Describe().Any(info => info.IsOwn && info.TransactionId == id);
        }

        file.Readers.Release(slot);
    }

    private void LikeSlot(int slot)
    {
        _elsewhere.Reset();
        using var file = LockFile.InMemory(_elsewhere);
        while (file.Readers.Claim() != slot)
        {
        }
    }

    private void Write(Interleaver steps, LockFile file)
    {
        file.Readers.LowerHighWater(new Pause(steps));
        file.PublishedId = 2;
        ulong oldest = 2;
        var count = file.Readers.CollectPins(_pins);
        foreach (var pin in _pins.AsSpan(0, count))
        {
            oldest = Math.Min(oldest, pin);
        }

        steps.Step();
        _reusedBelow = oldest;
    }

    private LockFile Join() => new(_memory.Attach(), LockFileUse.Reading) { PatienceWithPassers = TimeSpan.Zero };

    /// <summary>Each of its accesses to the header and to locks is a step.</summary>
    private LockFile Join(Interleaver steps) =>
        new(new SteppingRegion(_memory.Attach(), steps.Step, locksAreSteps: true), LockFileUse.Reading)
        {
            PatienceWithPassers = TimeSpan.Zero,
        };

    private readonly struct Pause(Interleaver steps) : ISweepPause
    {
        public void BetweenSteps() => steps.Step();
    }
}
