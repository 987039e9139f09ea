using Engine.Testing.Running;
using Engine.Testing.Simulation;

namespace Engine.Testing;

/// <summary>
/// Where and how a process dies: after which of its storage calls, whether one of these fails, and what is lost. As
/// text it is what a failing test prints, and <see cref="CrashTest.Replay(string)"/> takes.
/// </summary>
public readonly record struct CrashPoint
{
    /// <summary>A number that everything is drawn from once the program is known; null if the rest says it.</summary>
    internal ulong? Seed { get; init; }

    /// <summary>What <see cref="CrashRun.Random"/> begins with.</summary>
    internal ulong Program { get; init; }

    /// <summary>The call that fails, counted from the beginning of the program.</summary>
    internal Fault? Fault { get; init; }

    /// <summary>The number of the moment.</summary>
    internal int Moment { get; init; }

    internal CrashKind Kind { get; init; }

    /// <summary>What a power cut loses.</summary>
    internal CrashPlan Plan { get; init; }

    /// <summary>
    /// A point at random: any moment, kill or power cut, in one of four cases after a call that failed. The same number
    /// and the same program give the same point.
    /// </summary>
    /// <param name="seed">Any number.</param>
    public static CrashPoint FromSeed(ulong seed) => new() { Seed = seed };

    /// <summary>Reads what <see cref="ToString"/> has written.</summary>
    /// <param name="text">Such as <c>at:31 power keep:prefix:8</c>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="FormatException">It is no point. The message names the word that is wrong.</exception>
    public static CrashPoint Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return PointText.Read(text);
    }

    /// <summary>The point in words, on one line.</summary>
    public override string ToString() => PointText.Write(this);
}
