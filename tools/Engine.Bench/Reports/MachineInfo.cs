using System.Runtime.InteropServices;

namespace Engine.Bench.Reports;

/// <summary>Where a comparison ran.</summary>
internal sealed record MachineInfo
{
    public required string Cpu { get; init; }

    public required int Cores { get; init; }

    public required long MemoryBytes { get; init; }

    public required string OperatingSystem { get; init; }

    public required string Kernel { get; init; }

    public required string Directory { get; init; }

    public required string FileSystem { get; init; }

    /// <summary>The one-minute load average when the comparison began: other work distorts it.</summary>
    public required double? LoadAverage { get; init; }

    public required string Runtime { get; init; }

    public static MachineInfo Of(string directory) => new()
    {
        Cpu = FirstField("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Cores = Environment.ProcessorCount,
        MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        OperatingSystem = RuntimeInformation.OSDescription,
        Kernel = FirstLine("/proc/sys/kernel/osrelease") ?? Environment.OSVersion.VersionString,
        Directory = directory,
        FileSystem = FileSystemOf(directory),
        LoadAverage = FirstLine("/proc/loadavg")?.Split(' ')[0] is { } load ? double.Parse(load) : null,
        Runtime = $"{RuntimeInformation.FrameworkDescription} {RuntimeInformation.RuntimeIdentifier}",
    };

    /// <summary>Whether a file system is memory, where a flush costs nothing.</summary>
    public static bool IsMemory(string fileSystem) => fileSystem is "tmpfs" or "ramfs";

    public static string FileSystemOf(string directory)
    {
        try
        {
            return new DriveInfo(directory).DriveFormat;
        }
        catch (Exception failure) when (failure is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return "unknown";
        }
    }

    private static string? FirstLine(string path) => File.Exists(path) ? File.ReadLines(path).FirstOrDefault() : null;

    private static string? FirstField(string path, string name) => File.Exists(path)
        ? File.ReadLines(path)
            .FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))
            ?.Split(':', 2)[1].Trim()
        : null;
}
