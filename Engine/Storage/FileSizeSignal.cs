namespace Engine.Storage;

/// <summary>
/// Writing past the limit of the file size (<c>ulimit -f</c>) raises SIGXFSZ, which by default ends the process. The
/// engine makes the process ignore it, and reports a full disk instead, because the write fails, too.
/// </summary>
/// <remarks>
/// A handler would have to stay for ever, and keep the engine's assembly: .NET calls handlers some time after the
/// signal, and if the handler is gone by then, it does what the system would have done. The disposition is the
/// process's, and children inherit it: there, too, such a write fails, and nobody is ended by it.
/// </remarks>
internal static unsafe class FileSizeSignal
{
    private const int SIGXFSZ = 25;
    private const nint Default = 0;
    private const nint Ignored = 1;

    /// <summary>
    /// From here on the signal is an error of the write that raised it, unless the application handles it itself.
    /// </summary>
    public static void Ignore()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // Bounds: no struct sigaction has more than 152 bytes, and its first field is the disposition on Linux (but for
        // MIPS, which .NET does not run on), macOS and FreeBSD.
        nint* action = stackalloc nint[64];
        if (Libc.SignalAction(SIGXFSZ, null, action) == 0 && action[0] == Default)
        {
            Libc.Signal(SIGXFSZ, Ignored);
        }
    }
}
