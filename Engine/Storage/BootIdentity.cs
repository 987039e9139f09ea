namespace Engine.Storage;

/// <summary>
/// Tells one start of the machine from another: what is only in memory, or in the system's cache, has not survived it.
/// </summary>
internal static class BootIdentity
{
    private const string Path = "/proc/sys/kernel/random/boot_id";

    /// <summary>The present start of the machine; empty where the system does not say.</summary>
    public static Guid Current { get; } = Read();

    private static Guid Read()
    {
        try
        {
            return OperatingSystem.IsLinux() && Guid.TryParse(File.ReadAllText(Path).AsSpan().Trim(), out var boot)
                ? boot
                : Guid.Empty;
        }
        catch (Exception e) when (StorageErrors.IsFileFailure(e))
        {
            // Not mounted, or hidden: then less is known.
            return Guid.Empty;
        }
    }
}
