namespace Engine.Storage;

/// <summary>A process, named so that a later one with the same number is not mistaken for it.</summary>
/// <param name="ProcessId">The number of the process, as seen in its own namespace.</param>
/// <param name="PidNamespace">The inode of its pid namespace; 0 where there are none.</param>
/// <param name="StartTicks">
/// When it started, in units that do not move with the clock where the platform has such.
/// </param>
internal readonly record struct ProcessIdentity(int ProcessId, uint PidNamespace, ulong StartTicks)
{
    /// <summary>
    /// Number and namespace in one word, so that one compare-and-swap can write both. Never 0: no process has the
    /// number 0.
    /// </summary>
    public ulong Token => (uint)ProcessId | ((ulong)PidNamespace << 32);

    /// <summary>The identity that a token and a start time describe.</summary>
    public static ProcessIdentity FromToken(ulong token, ulong startTicks) =>
        new((int)(uint)token, (uint)(token >> 32), startTicks);
}
