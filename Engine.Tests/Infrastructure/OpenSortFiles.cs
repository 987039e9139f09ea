namespace Engine.Tests.Infrastructure;

/// <summary>
/// The temporary files of sorts that this process has open. Where the system allows it they have no name, so that a
/// directory does not show them.
/// </summary>
internal static class OpenSortFiles
{
    public static int In(string directory) => OperatingSystem.IsLinux()
        ? Directory.GetFiles("/proc/self/fd").Count(
            handle => new FileInfo(handle).LinkTarget?.StartsWith(
                Path.Combine(directory, "engine-sort-"), StringComparison.Ordinal) == true)
        : Directory.GetFiles(directory, "engine-sort-*").Length;
}
