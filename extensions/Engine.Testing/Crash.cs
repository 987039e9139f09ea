namespace Engine.Testing;

/// <summary>
/// What a crash left behind beside the database: what the world outside knows, and how it came about.
/// </summary>
public sealed class Crash
{
    private readonly IReadOnlyList<object> _facts;

    internal Crash(CrashPoint point, CrashKind kind, bool hasFailedCall, IReadOnlyList<object> facts)
    {
        Point = point;
        Kind = kind;
        HasFailedCall = hasFailedCall;
        _facts = facts;
    }

    /// <summary>Where it happened.</summary>
    public CrashPoint Point { get; }

    /// <summary>How the process ended.</summary>
    public CrashKind Kind { get; }

    /// <summary>Whether a storage call had failed before: the program has met an exception.</summary>
    public bool HasFailedCall { get; }

    /// <summary>
    /// What was told by <see cref="CrashRun.Acknowledge"/> before the process ended, in that order: all facts of one
    /// type.
    /// </summary>
    /// <typeparam name="T">The type, or one that the facts derive from; <see cref="object"/> for all.</typeparam>
    /// <example>
    /// <code>
    /// foreach (var id in crash.Acknowledged&lt;int&gt;())
    /// {
    ///     Assert.That(new Orders(db).Contains(id), $"order {id} was confirmed");
    /// }
    /// </code>
    /// </example>
    public IReadOnlyList<T> Acknowledged<T>() => [.. _facts.OfType<T>()];
}
