using System.Runtime.InteropServices;

namespace Engine.Storage;

/// <summary>
/// Writing past the limit of the file size (<c>ulimit -f</c>) raises SIGXFSZ, which ends a .NET process unless somebody
/// asks for the signal. While a file is open for writing, the engine does, and reports a full disk instead. With the
/// last of them the registration goes: it would keep the engine's assembly for ever.
/// </summary>
internal static class FileSizeSignal
{
    private const int SIGXFSZ = 25;

    private static readonly Lock Counting = new();
    private static int _users;
    private static PosixSignalRegistration? _registration;

    /// <summary>
    /// From here on, until <see cref="Release"/>, the signal is an error of the write that raised it.
    /// </summary>
    public static void Acquire()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using (Uninterrupted.Enter(Counting))
        {
            _registration ??= PosixSignalRegistration.Create(
                (PosixSignal)SIGXFSZ, static context => context.Cancel = true);
            _users++;
        }
    }

    /// <summary>One user less.</summary>
    public static void Release()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using (Uninterrupted.Enter(Counting))
        {
            if (--_users == 0)
            {
                _registration?.Dispose();
                _registration = null;
            }
        }
    }
}
