using System.Diagnostics;
using Engine.PropertyTests.Model;

namespace Engine.PropertyTests.Campaign;

/// <summary>Makes a failing program as small as it gets within a time.</summary>
internal static class Shrinker
{
    /// <param name="program">A program that fails.</param>
    /// <param name="fails">Whether a program fails, too.</param>
    /// <param name="limit">After this time the smallest one found so far is returned.</param>
    public static OperationProgram Shrink(OperationProgram program, Func<OperationProgram, bool> fails, TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        while (Step(program, fails, watch, limit) is { } smaller)
        {
            program = smaller;
        }

        return program;
    }

    private static OperationProgram? Step(
        OperationProgram program, Func<OperationProgram, bool> fails, Stopwatch watch, TimeSpan limit)
    {
        foreach (var smaller in program.Shrinks())
        {
            if (watch.Elapsed > limit)
            {
                return null;
            }

            if (fails(smaller))
            {
                return smaller;
            }
        }

        return null;
    }
}
