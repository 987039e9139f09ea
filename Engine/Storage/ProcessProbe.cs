using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Engine.Storage;

/// <summary>
/// Tells whether a process lives, by its number, its pid namespace and when it started. It never says
/// <see cref="ProcessLiveness.Dead"/> on a guess.
/// </summary>
internal static class ProcessProbe
{
    /// <summary>This process.</summary>
    public static ProcessIdentity Current { get; } = DescribeCurrent();

    /// <param name="identity">The process in question.</param>
    /// <param name="startIsKnown">Whether the identity's start time is filled in.</param>
    public static ProcessLiveness Probe(ProcessIdentity identity, bool startIsKnown)
    {
        if (identity.ProcessId <= 0)
        {
            // No process has such a number: the entry is junk.
            return ProcessLiveness.Dead;
        }

        return OperatingSystem.IsLinux() ? ProbeLinux(identity, startIsKnown) : ProbeOther(identity, startIsKnown);
    }

    /// <summary>
    /// Reads what /proc/PID/stat says. The second field is a name in parentheses, which may hold blanks and
    /// parentheses.
    /// </summary>
    /// <param name="stat">The line.</param>
    /// <param name="startTicks">
    /// Field 22: when it started, in clock ticks since boot, so that it does not move with the clock.
    /// </param>
    /// <param name="hasEnded">
    /// Whether it is a zombie (field 3) and its last thread (field 20): a process whose first thread has ended while
    /// others run shows as a zombie too.
    /// </param>
    internal static bool TryParseStat(string stat, out ulong startTicks, out bool hasEnded)
    {
        const int State = 3, Threads = 20, Start = 22, AfterName = 3;
        startTicks = 0;
        hasEnded = false;
        string[] fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length <= Start - AfterName
            || !int.TryParse(
                fields[Threads - AfterName], NumberStyles.None, CultureInfo.InvariantCulture, out int threads)
            || !ulong.TryParse(
                fields[Start - AfterName], NumberStyles.None, CultureInfo.InvariantCulture, out startTicks))
        {
            return false;
        }

        hasEnded = fields[State - AfterName] is "Z" or "X" or "x" && threads <= 1;
        return true;
    }

    private static ProcessIdentity DescribeCurrent()
    {
        int processId = Environment.ProcessId;
        if (!OperatingSystem.IsLinux())
        {
            using Process self = Process.GetCurrentProcess();
            return new ProcessIdentity(processId, 0, (ulong)self.StartTime.ToFileTimeUtc());
        }

        ulong start = TryReadStat("self", out string stat) && TryParseStat(stat, out ulong ticks, out _) ? ticks : 0;
        return new ProcessIdentity(processId, start == 0 ? 0 : ReadPidNamespace(), start);
    }

    // The link reads "pid:[4026531836]"; the number is an inode of 32 bits. 0 if it cannot be told.
    private static uint ReadPidNamespace()
    {
        try
        {
            string? link = new FileInfo("/proc/self/ns/pid").LinkTarget;
            int open = link?.IndexOf('[', StringComparison.Ordinal) ?? -1;
            return open >= 0
                && uint.TryParse(link.AsSpan(open + 1).TrimEnd(']'), CultureInfo.InvariantCulture, out uint inode)
                ? inode
                : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static ProcessLiveness ProbeLinux(ProcessIdentity identity, bool startIsKnown)
    {
        // The number of a process means nothing outside its namespace.
        if (identity.PidNamespace == 0 || identity.PidNamespace != Current.PidNamespace)
        {
            return ProcessLiveness.Unknown;
        }

        // Signal 0 asks only. /proc may hide the processes of other users, so its silence proves nothing; ESRCH does.
        if (Libc.Kill(identity.ProcessId, 0) != 0 && Marshal.GetLastPInvokeError() == Errno.ESRCH)
        {
            return ProcessLiveness.Dead;
        }

        string directory = identity.ProcessId.ToString(CultureInfo.InvariantCulture);
        if (!TryReadStat(directory, out string stat) || !TryParseStat(stat, out ulong start, out bool hasEnded))
        {
            return ProcessLiveness.Unknown;
        }

        return hasEnded || (startIsKnown && start != identity.StartTicks)
            ? ProcessLiveness.Dead
            : ProcessLiveness.Alive;
    }

    private static bool TryReadStat(string directory, out string stat)
    {
        try
        {
            stat = File.ReadAllText($"/proc/{directory}/stat");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            stat = "";
            return false;
        }
    }

    private static ProcessLiveness ProbeOther(ProcessIdentity identity, bool startIsKnown)
    {
        try
        {
            using Process process = Process.GetProcessById(identity.ProcessId);
            bool isAnother = startIsKnown && (ulong)process.StartTime.ToFileTimeUtc() != identity.StartTicks;
            return isAnother || process.HasExited ? ProcessLiveness.Dead : ProcessLiveness.Alive;
        }
        catch (ArgumentException)
        {
            // There is no process of this number.
            return ProcessLiveness.Dead;
        }
        catch (Exception e) when (e is InvalidOperationException or ExternalException or NotSupportedException)
        {
            return ProcessLiveness.Unknown;
        }
    }
}
