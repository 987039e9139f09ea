using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Model;

/// <summary>
/// How the numbers of a crash operation stand for a <see cref="CrashPlan"/>: 0 everywhere is the simplest crash.
/// </summary>
internal static class CrashCode
{
    /// <summary>The kinds of B; more are taken modulo.</summary>
    public const int Kinds = 7;

    /// <summary>Whether only the process dies, so that the cache stays.</summary>
    public static bool IsKill(Operation crash) => crash.B % Kinds == 0;

    public static CrashPlan PlanOf(Operation crash, int pendingSectors)
    {
        var sectors = Math.Max(1, pendingSectors);
        var keep = (crash.B % Kinds) switch
        {
            1 => SectorSelection.None,
            2 => SectorSelection.All,
            3 => SectorSelection.Prefix(crash.C % (sectors + 1)),
            4 => SectorSelection.AllBut(crash.C % sectors),
            5 => SectorSelection.Only(crash.C % sectors),
            _ => SectorSelection.Random((ulong)crash.C),
        };

        // D in mixed radix: fill, then whether and what is torn, then the length, then the directory, then the lock
        // file.
        var d = crash.D;
        var fill = (CrashFill)Next(ref d, 5);
        var tear = Next(ref d, 3) == 2 ? Next(ref d, 64) % sectors : -1;
        var words = tear < 0 ? 0 : Next(ref d, 64);
        var length = Next(ref d, 3);
        var directory = Next(ref d, 3);
        var @lock = Next(ref d, 4);
        return new CrashPlan(keep, tear, words, fill, -1, length, directory, (ulong)crash.D, @lock);
    }

    private static int Next(ref int number, int radix)
    {
        var digit = number % radix;
        number /= radix;
        return digit;
    }
}
