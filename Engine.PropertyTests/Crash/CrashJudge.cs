using Engine.PropertyTests.Checking;
using Engine.PropertyTests.Model;
using Engine.PropertyTests.Simulation;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Crash;

/// <summary>
/// Judges what a power cut left: the checker must find an allowed state in it, the engine must find the same, keep it
/// as it is and be able to go on. The recovery and the next commit are crashed again if the bounds say so.
/// </summary>
internal sealed class CrashJudge
{
    // Twice what a program has, so that what it left can always go on.
    private const int Capacity = 1 << 21;

    private readonly OperationProgram _program;
    private readonly CrashBounds _bounds;
    private readonly SeenImages _seen;
    private readonly SeenImages _seenAgain;
    private readonly Dictionary<(ModelState Found, ModelState Lost), Continuation> _continuations = [];

    /// <param name="program">How the engine is opened.</param>
    /// <param name="bounds">Whether and how it is crashed again.</param>
    /// <param name="seen">States that need not be judged any more; shared between judges of the same bounds.</param>
    /// <param name="seenAgain">The same for states after two crashes.</param>
    public CrashJudge(
        OperationProgram program, CrashBounds bounds, SeenImages? seen = null, SeenImages? seenAgain = null)
    {
        _seen = seen ?? new SeenImages();
        _seenAgain = seenAgain ?? new SeenImages();
        _program = program;
        _bounds = bounds;
    }

    /// <summary>Different states judged after one crash.</summary>
    public long States { get; private set; }

    /// <summary>
    /// Different states judged after a crash during the recovery from another, or in the commit after it.
    /// </summary>
    public long StatesOfDepthTwo { get; private set; }

    /// <param name="image">What is left.</param>
    /// <param name="states">
    /// All states of the history; those from <paramref name="durable"/> to <paramref name="attempted"/> are allowed.
    /// </param>
    /// <param name="durable">The newest state reported durable; −1 while the database need not exist.</param>
    /// <param name="attempted">The newest state that a commit was begun for.</param>
    /// <param name="past">What was seen under which id before.</param>
    public void Judge(ImageView image, IReadOnlyList<ModelState> states, int durable, int attempted, ShownStates past)
    {
        if (!_seen.Add(image, states, durable, attempted, past))
        {
            return;
        }

        States++;
        var found = Find(image, states, durable, attempted, out var index);
        var lost = states[Math.Min(index + 1, states.Count - 1)];
        if (!_continuations.TryGetValue((found, lost), out var continuation))
        {
            _continuations.Add((found, lost), continuation = new Continuation(found, lost));
        }

        // Until the recovery is over it may be decided otherwise: nothing has been served, so a second crash may lead
        // to whatever the first one might have led to. (The erasing of a rejected meta can mend it halfway.)
        var others = states.Skip(Math.Max(0, durable))
            .Take(attempted - Math.Max(0, durable) + 1)
            .Where(state => state.Digest != found.Digest)
            .ToList();
        var disk = new GuardedDisk(image, Capacity) { Trace = _bounds.Depth > 1 ? new DiskTrace() : null };
        try
        {
            Continue(disk, image, found, continuation, others.Count, past);
        }
        finally
        {
            disk.Discard();
        }

        if (disk.Trace is { } trace)
        {
            CrashAgain(image, trace, [.. others, found, continuation.Next], past);
            trace.Discard();
        }
    }

    // Invariants 1 and 2, by the independent checker.
    private static ModelState Find(
        ImageView image, IReadOnlyList<ModelState> states, int durable, int attempted, out int index)
    {
        index = 0;
        if (!image.HasDatabase)
        {
            return durable < 0
                ? ModelState.Empty
                : throw new InvariantViolationException(1, "the database file is gone");
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
        throw new InvariantViolationException(
            1,
            $"the image holds {(index < 0 ? "no committed state" : $"state {index}")}; allowed are {durable} to "
            + $"{attempted}");
    }

    // The engine finds the same, and changes nothing that can be read by opening (invariant 6).
    private Database Open(SimulatedDisk disk, ImageView before, ModelState found, ShownStates shown)
    {
        var database = EngineHost.Open(disk, _program);
        try
        {
            OpeningRule.Require(before.Database, before.Lock, disk.Cache, EngineHost.IdReach(_program));
            if (before.HasDatabase)
            {
                OpeningRule.RequireReport(before.Database, before.Lock, database.Recovery);
            }

            RequireContents(database, found, disk.Trace, shown);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    // And it can commit.
    private void Continue(
        SimulatedDisk disk,
        ImageView before,
        ModelState found,
        Continuation continuation,
        int foundIndex,
        ShownStates past)
    {
        var shown = new ShownStates(past);
        TraceMark.Attempted(disk.Trace, foundIndex);
        using var database = Open(disk, before, found, shown);
        TraceMark.Durable(disk.Trace, foundIndex);
        TraceMark.Attempted(disk.Trace, foundIndex + 1);
        continuation.Commit(database);
        TraceMark.Durable(disk.Trace, foundIndex + 1);
        RequireContents(database, continuation.Next, disk.Trace, shown);
        if (ImageChecker.Check(disk.Durable).Digest != continuation.Next.Digest)
        {
            throw new InvariantViolationException(1, "the commit after recovery is not what is durable");
        }
    }

    private void CrashAgain(ImageView image, DiskTrace trace, ModelState[] states, ShownStates past)
    {
        var durable = !image.HasDatabase ? -1 : 0;
        var state = new DiskState(image);
        ImageVisitor visit = (again, newDurable, newAttempted, shown) =>
        {
            if (_seenAgain.Add(again, states, newDurable, newAttempted, shown))
            {
                StatesOfDepthTwo++;
                JudgeAgain(again, states, newDurable, newAttempted, shown);
            }
        };
        TraceWalk.Visit(state, trace, durable, 0, CrashBounds.Small, visit, past: past);
        state.Discard();
    }

    private void JudgeAgain(ImageView image, ModelState[] states, int durable, int attempted, ShownStates past)
    {
        var found = Find(image, states, durable, attempted, out _);
        var disk = new GuardedDisk(image, Capacity);
        try
        {
            Open(disk, image, found, new ShownStates(past)).Dispose();
        }
        finally
        {
            disk.Discard();
        }
    }

    private static void RequireContents(Database database, ModelState expected, DiskTrace? trace, ShownStates shown)
    {
        using var read = database.BeginRead();
        if (EngineContents.Digest(database, read) != expected.Digest)
        {
            throw new InvariantViolationException(
                1,
                $"the engine recovers something else\n{expected.Difference(EngineContents.Collect(database, read))}");
        }

        Show(new ShownState(read.TransactionId, expected.Digest));
        Show(ShownState.OfTrees(read.TransactionId, expected.TreesDigest));
        foreach (var info in database.ListSnapshots())
        {
            Show(ShownState.OfTrees(info.TransactionId, expected.Named(info.Name).TreesDigest));
        }

        void Show(ShownState state)
        {
            shown.Add(state);
            trace?.AddNote(state);
        }
    }
}
