using Engine.Storage;

namespace Engine.Tests.Storage;

/// <summary>Sweeps of everything, as long as they take.</summary>
internal static class Sweeps
{
    public static int SweepDead(this ReaderTable readers) =>
        readers.SweepDead(default(NoSweepPause), belowMarkOnly: false);

    public static bool TrySweep<TPause>(this LockFile file, TPause pause, out int freed)
        where TPause : struct, ISweepPause
        => file.TrySweep(pause, file.PatienceWithPassers, belowMarkOnly: false, out freed);
}
