using Engine.PropertyTests.Checking;
using Engine.PropertyTests.Model;
using Engine.PropertyTests.Simulation;

namespace Engine.PropertyTests.Crash;

/// <summary>
/// Judges what a power cut left: the checker must find an allowed state in it, the engine must find the same, keep it as it is
/// and be able to go on. The next commit is crashed again if the bounds say so.
/// </summary>
internal sealed class CrashJudge
{
    private readonly int _pageSize;
    private readonly CrashBounds _bounds;
    private readonly HashSet<UInt128> _seen = [];
    private readonly HashSet<UInt128> _seenAgain = [];

    public CrashJudge(int pageSize, CrashBounds bounds)
    {
        _pageSize = pageSize;
        _bounds = bounds;
    }

    /// <summary>Different states judged after one crash.</summary>
    public long States { get; private set; }

    /// <summary>Different states judged after a crash during the recovery from another, or in the commit after it.</summary>
    public long StatesOfDepthTwo { get; private set; }

    /// <param name="image">What is left.</param>
    /// <param name="states">All states of the history; those from <paramref name="durable"/> to <paramref name="attempted"/> are allowed.</param>
    /// <param name="durable">The newest state reported durable; −1 while the database need not exist.</param>
    /// <param name="attempted">The newest state that a commit was begun for.</param>
    public void Judge(DiskImage image, IReadOnlyList<ModelState> states, int durable, int attempted)
    {
        if (!_seen.Add(Fingerprint(image, durable)))
        {
            return;
        }

        States++;
        var found = Find(image, states, durable, attempted, out var index);

        // Whoever lost a commit tries it again, with something added: the same bytes are written once more, perhaps to the same pages.
        var next = states[Math.Min(index + 1, states.Count - 1)].Put("", [0x7E], [1, 2, 3]);
        var disk = new SimulatedDisk(image) { Trace = _bounds.Depth > 1 ? new DiskTrace() : null };
        try
        {
            Continue(disk, found, next);
        }
        finally
        {
            disk.Discard();
        }

        if (disk.Trace is { } trace)
        {
            CrashAgain(image, trace, [found, next]);
        }
    }

    private static UInt128 Fingerprint(DiskImage image, int durable)
    {
        var database = image.Database is null ? 1 : ImageChecksums.XxHash64(image.Database);
        var temporary = image.Temporary is null ? 2 : ImageChecksums.XxHash64(image.Temporary);
        return new UInt128(database, (temporary << 16) ^ (ulong)(durable + 1));
    }

    // Invariant 1, by the independent checker.
    private static ModelState Find(DiskImage image, IReadOnlyList<ModelState> states, int durable, int attempted, out int index)
    {
        index = 0;
        if (image.Database is null)
        {
            return durable < 0 ? ModelState.Empty : throw new InvariantViolationException(1, "the database file is gone");
        }

        ulong digest;
        try
        {
            digest = ImageChecker.Check(image.Database).Digest;
        }
        catch (ImageException e)
        {
            throw new InvariantViolationException(1, $"the image is corrupt: {e.Message}");
        }

        for (index = attempted; index >= Math.Max(0, durable); index--)
        {
            if (states[index].Digest == digest)
            {
                return states[index];
            }
        }

        index = states.ToList().FindLastIndex(s => s.Digest == digest);
        throw new InvariantViolationException(1, $"the image holds {(index < 0 ? "no committed state" : $"state {index}")}; allowed are {durable} to {attempted}");
    }

    // The engine finds the same, changes nothing by opening (invariant 6), and can commit.
    private void Continue(SimulatedDisk disk, ModelState found, ModelState next)
    {
        TraceMark.Attempted(disk.Trace, 0);
        var before = disk.Cache.ToArray();
        using var database = EngineHost.Open(disk, _pageSize);
        OpeningRule.Require(before, disk.Cache);

        TraceMark.Durable(disk.Trace, 0);
        RequireContents(database, found);
        TraceMark.Attempted(disk.Trace, 1);
        using (var transaction = database.BeginWrite())
        {
            StateDelta.Apply(database, transaction, found, next);
            transaction.Commit();
        }

        TraceMark.Durable(disk.Trace, 1);
        RequireContents(database, next);
        if (ImageChecker.Check(disk.Durable).Digest != next.Digest)
        {
            throw new InvariantViolationException(1, "the commit after recovery is not what is durable");
        }
    }

    private void CrashAgain(DiskImage image, DiskTrace trace, ModelState[] states)
    {
        var durable = image.Database is null ? -1 : 0;
        TraceWalk.Visit(new DiskState(image), trace, durable, 0, CrashBounds.Small, (again, newDurable, newAttempted) =>
        {
            // What is allowed depends on what the first crash left: an image that is right after one may be wrong after another.
            if (_seenAgain.Add(Fingerprint(again, newDurable) ^ new UInt128(states[0].Digest, states[1].Digest)))
            {
                StatesOfDepthTwo++;
                Find(again, states, newDurable, newAttempted, out _);
            }
        });
    }

    private static void RequireContents(Database database, ModelState expected)
    {
        using var read = database.BeginRead();
        if (EngineContents.Digest(database, read) != expected.Digest)
        {
            throw new InvariantViolationException(1, $"the engine recovers something else\n{expected.Difference(EngineContents.Collect(database, read))}");
        }
    }
}
