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
        var found = Find(image, states, durable, attempted);
        var disk = new SimulatedDisk(image) { Trace = _bounds.Depth > 1 ? new DiskTrace() : null };
        try
        {
            Continue(disk, found);
        }
        finally
        {
            disk.Discard();
        }

        if (disk.Trace is { } trace)
        {
            CrashAgain(image, trace, [found, Next(found)]);
        }
    }

    private static ModelState Next(ModelState state) => state.Put("", [0x7E], [1, 2, 3]);

    private static UInt128 Fingerprint(DiskImage image, int durable)
    {
        var database = image.Database is null ? 1 : ImageChecksums.XxHash64(image.Database);
        var temporary = image.Temporary is null ? 2 : ImageChecksums.XxHash64(image.Temporary);
        return new UInt128(database, (temporary << 16) ^ (ulong)(durable + 1));
    }

    // Invariant 1, by the independent checker.
    private static ModelState Find(DiskImage image, IReadOnlyList<ModelState> states, int durable, int attempted)
    {
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

        for (var i = attempted; i >= Math.Max(0, durable); i--)
        {
            if (states[i].Digest == digest)
            {
                return states[i];
            }
        }

        var index = states.ToList().FindLastIndex(s => s.Digest == digest);
        throw new InvariantViolationException(1, $"the image holds {(index < 0 ? "no committed state" : $"state {index}")}; allowed are {durable} to {attempted}");
    }

    // The engine finds the same, changes nothing by opening (invariant 6), and can commit.
    private void Continue(SimulatedDisk disk, ModelState found)
    {
        TraceMark.Attempted(disk.Trace, 0);
        var before = disk.Cache.ToArray();
        using var database = EngineHost.Open(disk, _pageSize);
        if (before.Length > 0 && !disk.Cache.SequenceEqual(before))
        {
            throw new InvariantViolationException(6, "opening changed the file");
        }

        TraceMark.Durable(disk.Trace, 0);
        RequireContents(database, found);
        var next = Next(found);
        TraceMark.Attempted(disk.Trace, 1);
        using (var transaction = database.BeginWrite())
        {
            transaction.Put(database.Main, [0x7E], [1, 2, 3]);
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
            if (_seenAgain.Add(Fingerprint(again, newDurable)))
            {
                StatesOfDepthTwo++;
                Find(again, states, newDurable, newAttempted);
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
