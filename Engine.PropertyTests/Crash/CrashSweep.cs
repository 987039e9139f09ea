using Engine.PropertyTests.Model;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Crash;

/// <summary>
/// Runs a program once, recording what it does to the disk, and judges every crash state within the bounds.
/// </summary>
internal static class CrashSweep
{
    /// <returns>How many different states were judged, after one crash and after two.</returns>
    /// <exception cref="PropertyFailedException">
    /// A state is none that the engine may leave. The message has the program.
    /// </exception>
    public static RunResult Run(OperationProgram program, CrashBounds bounds)
    {
        var trace = new DiskTrace();
        var states = ProgramRunner.Record(program, trace).States;
        var judge = new CrashJudge(program, bounds);
        try
        {
            TraceWalk.Visit(
                new DiskState(),
                trace,
                durable: -1,
                attempted: 0,
                bounds,
                (image, durable, attempted, shown) => judge.Judge(image, states, durable, attempted, shown));
        }
        catch (CrashStateException e)
        {
            throw new PropertyFailedException(
                $"{e.Message}\nReplay with: ENGINE_SWEEP='{program}' dotnet test Engine.PropertyTests --filter "
                + "Name~Replay\n",
                e);
        }

        return new RunResult(judge.States, judge.StatesOfDepthTwo);
    }
}
