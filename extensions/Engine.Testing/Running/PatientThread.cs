using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Engine.Testing.Running;

/// <summary>
/// A thread of a sweep's own, which is given up when one run of the user's code takes too long: no code can be stopped
/// from outside.
/// </summary>
internal sealed class PatientThread
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    private readonly TimeSpan _limit;
    private volatile Step? _step;

    private PatientThread(TimeSpan limit) => _limit = limit;

    /// <exception cref="CrashTestException">A step took longer than the limit.</exception>
    public static T Run<T>(TimeSpan limit, Func<PatientThread, T> work)
    {
        var patience = new PatientThread(limit);
        var result = default(T);
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = work(patience);
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        })
        {
            IsBackground = true,
            Name = "Crash test",
        };
        thread.Start();
        while (!thread.Join(LookEvery))
        {
            if (patience._step is { } step && step.IsOver(limit) && !Debugger.IsAttached)
            {
                throw new CrashTestException(step.Describe(limit), step.Point);
            }
        }

        failure?.Throw();
        return result!;
    }

    /// <summary>Carries one step out: the program once, or one check.</summary>
    /// <param name="what">What messages call it.</param>
    /// <param name="point">After which crash; null without one.</param>
    /// <param name="action">The step.</param>
    public void Do(string what, CrashPoint? point, Func<Task> action)
    {
        _step = new Step(what, point, Stopwatch.GetTimestamp());
        try
        {
            SingleThread.Run(action);
        }
        finally
        {
            _step = null;
        }
    }

    private sealed record Step(string What, CrashPoint? Point, long Begin)
    {
        public bool IsOver(TimeSpan limit) =>
            limit != Timeout.InfiniteTimeSpan && Stopwatch.GetElapsedTime(Begin) > limit;

        public string Describe(TimeSpan limit) =>
            $"{What} has not ended within {limit.TotalSeconds:0.#} seconds (CrashTest.TimeLimit): it waits for "
            + "something that never comes, or does too much for a test that is repeated a thousand times."
            + (Point is { } point ? Explanation.ReplayLine(point) : "");
    }
}
