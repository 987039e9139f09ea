using Engine.PropertyTests.Model;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Crash;

/// <summary>
/// Tries several power cuts at one moment of a running program, beside the program: each leaves another image, which is
/// recovered and judged on a disk of its own. The program does not notice. The same program gives the same power cuts
/// again.
/// </summary>
internal sealed class CrashFan
{
    // One image in so many is crashed again, during its recovery and the commit after it.
    private const int AgainEvery = 64;

    private readonly SimulatedDisk _disk;
    private readonly ModelHistory _history;
    private readonly CrashJudge _once;
    private readonly CrashJudge _again;
    private readonly int _width;
    private readonly CrashScratch _scratch = new();
    private ulong _seed;

    public CrashFan(SimulatedDisk disk, ModelHistory history, OperationProgram program)
    {
        _disk = disk;
        _history = history;
        _width = program.Fan;
        _once = new CrashJudge(program, CrashBounds.Small);
        _again = new CrashJudge(program, CrashBounds.Medium);
    }

    /// <summary>Different images judged after one crash.</summary>
    public long States => _once.States + _again.States;

    /// <summary>
    /// Different images judged after a crash during the recovery from another, or in the commit after it.
    /// </summary>
    public long StatesOfDepthTwo => _again.StatesOfDepthTwo;

    /// <exception cref="CrashStateException">The engine does not survive one of them.</exception>
    public void Open()
    {
        var (lengths, directories) = _disk.PendingChoices;
        var choices = (long)lengths * directories << Math.Min(_disk.PendingSectors, 16);

        // A new database is made in the same way every time; the exhaustive tier knows all of that.
        var width = _history.OldestAllowed < 0 ? 1 : Math.Min(_width, choices);
        for (var i = 0; i < width; i++)
        {
            var plan = CrashPlan.Random(_seed++, _disk.PendingSectors);
            try
            {
                var judge = _seed % AgainEvery == 0 ? _again : _once;
                judge.Judge(
                    _disk.CrashImage(plan, _scratch),
                    _history.States,
                    _history.OldestAllowed,
                    _history.AttemptedIndex,
                    _history.Shown);
            }
            catch (Exception e)
            {
                throw new CrashStateException(plan, e);
            }
        }
    }
}
