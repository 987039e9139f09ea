using System.Runtime.InteropServices;
using Engine.Bench.Measuring;
using Engine.Bench.Reports;

namespace Engine.Bench.Commands;

/// <summary>A new directory for databases, deleted with everything in it at the end.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    private readonly PosixSignalRegistration[] _signals;

    private ScratchDirectory(string path)
    {
        Path = path;

        // Databases of gigabytes must not stay behind when someone loses patience. The signal then takes its course.
        _signals = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }
            .Select(signal => PosixSignalRegistration.Create(signal, _ => DeleteAll()))];
    }

    public string Path { get; }

    /// <summary>
    /// In the given directory, or in a default one that is on a disk if possible. Warns when it is memory.
    /// </summary>
    /// <exception cref="BenchException">The directory cannot be made.</exception>
    public static ScratchDirectory Create(string? parent, Action<string> warn)
    {
        parent ??= Default();
        string path = System.IO.Path.Combine(System.IO.Path.GetFullPath(parent), $"engine-bench-{Guid.NewGuid():N}");
        if (System.IO.Path.Exists(path))
        {
            throw new BenchException($"{path} exists already, so it would not be this run's to delete. Try again.");
        }

        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BenchException(
                $"No directory can be made in {parent}: {failure.Message} Choose another one with --dir.");
        }

        string fileSystem = MachineInfo.FileSystemOf(path);
        if (MachineInfo.IsMemory(fileSystem))
        {
            warn(
                $"warning: {path} is on {fileSystem}, which is memory: durable commits cost nothing there. Choose a "
                + $"directory on a disk with --dir.");
        }

        return new ScratchDirectory(path);
    }

    /// <summary>Refuses early what would fill the disk.</summary>
    /// <exception cref="BenchException">The file system has less free space.</exception>
    public void RequireSpace(long bytes)
    {
        long free = new DriveInfo(Path).AvailableFreeSpace;
        if (free < bytes)
        {
            throw new BenchException(
                $"The databases may take {Quantity.Bytes(bytes)}, but {System.IO.Path.GetDirectoryName(Path)} has only "
                + $"{Quantity.Bytes(free)} free. Choose fewer entries (--n, --players) or a smaller --value-size, or "
                + "another directory with --dir.");
        }
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals)
        {
            signal.Dispose();
        }

        DeleteAll();
    }

    private void DeleteAll()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // A signal and the end of the run may both come here.
        }
    }

    private static string Default()
    {
        string[] candidates = [System.IO.Path.GetTempPath(), "/var/tmp", Directory.GetCurrentDirectory()];
        return candidates.FirstOrDefault(
            path => Directory.Exists(path) && !MachineInfo.IsMemory(MachineInfo.FileSystemOf(path))) ?? candidates[0];
    }
}
