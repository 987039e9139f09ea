namespace Engine.Testing;

/// <summary>
/// A <see cref="CrashTest"/> found something. The message says where the program was, what was lost, and has the line
/// that repeats it; the exception of the check is the inner one.
/// </summary>
public sealed class CrashTestException : Exception
{
    internal CrashTestException(string message, CrashPoint? point = null, Exception? innerException = null)
        : base(message, innerException) => Point = point;

    /// <summary>Where; null if it has nothing to do with a crash: the program or the check fails without one.</summary>
    public CrashPoint? Point { get; }
}
