using Engine.Testing.Simulation;

namespace Engine.Testing.Running;

/// <summary>A crash point drawn from a number, before it is known what there is to choose from.</summary>
/// <param name="seed">The number.</param>
internal readonly struct DrawnPoint(ulong seed)
{
    private const int FaultOneIn = 4, KillOneIn = 6;

    /// <summary>What the program's random numbers begin with.</summary>
    public ulong Program => Draw(1);

    public bool IsKill => Draw(2) % KillOneIn == 0;

    /// <summary>Any moment of a recording.</summary>
    public int MomentOf(Recording recording) => (int)(Draw(3) % (ulong)recording.Moments);

    /// <summary>Any loss.</summary>
    public CrashPlan PlanOf(DiskState state) => CrashPlan.Random(Draw(4), state.PendingSectors);

    /// <summary>The call that fails, or null.</summary>
    /// <param name="calls">The calls of the program if none fails.</param>
    public Fault? FaultOf(IReadOnlyList<DiskCall> calls)
    {
        if (Draw(5) % FaultOneIn != 0 || calls.Count == 0)
        {
            return null;
        }

        var call = (int)(Draw(6) % (ulong)calls.Count);
        var kinds = FaultKinds.Of(calls[call]);
        return new Fault(call, kinds[(int)(Draw(7) % (ulong)kinds.Count)], Draw(8));
    }

    private ulong Draw(ulong what) => Dice.Mix(seed ^ Dice.Mix(what));
}
