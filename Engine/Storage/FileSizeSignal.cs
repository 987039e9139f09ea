using System.Runtime.InteropServices;

namespace Engine.Storage;

/// <summary>
/// Writing past the limit of the file size (<c>ulimit -f</c>) raises SIGXFSZ, which ends a .NET process unless somebody
/// asks for the signal. Databases report it as a full disk instead.
/// </summary>
internal static class FileSizeSignal
{
    private const int SIGXFSZ = 25;

    // For the rest of the process: the runtime keeps one handler per signal, whoever asks.
    private static readonly PosixSignalRegistration? Registration =
        OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create((PosixSignal)SIGXFSZ, context => context.Cancel = true);

    /// <summary>From here on the signal is an error of the write that raised it.</summary>
    public static void MakeItAnError() => GC.KeepAlive(Registration);
}
