using Engine.PropertyTests.Model;
using Engine.PropertyTests.Simulation;

namespace Engine.PropertyTests.Crash;

/// <summary>
/// Runs a program, closes the database, and judges every way in which the file can decay in one place, and
/// some in two.
/// </summary>
internal static class DecaySweep
{
    /// <returns>How many damaged files were judged.</returns>
    /// <exception cref="PropertyFailedException">Damage is shown, or an older state is taken in silence. The message
    /// has the program.</exception>
    public static long Run(OperationProgram program, Action? next = null)
    {
        var start = ProgramStart.After(program);
        var judge = new DecayJudge(program);
        try
        {
            foreach (var decay in Decay.All(start.Image.Database!.Length, program.PageSize, start.Earlier.Count))
            {
                next?.Invoke();
                judge.Judge(start.Image, start.Earlier, start.State, decay);
            }
        }
        catch (InvariantViolationException e)
        {
            throw new PropertyFailedException($"{e.Message}\nafter the program '{program}'", e);
        }

        return judge.States;
    }
}
