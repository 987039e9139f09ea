namespace Engine.Tests.Infrastructure;

/// <summary>A directory of its own for one test; gone, with everything in it, when disposed.</summary>
internal sealed class TempDirectory : IDisposable
{
    private const string Memory = "/dev/shm";

    public TempDirectory() => Root = Directory.CreateTempSubdirectory("engine-test-").FullName;

    private TempDirectory(string root) => Root = root;

    /// <summary>
    /// One whose files need no disk, where the system has such a place: for thousands of openings, each of
    /// which flushes.
    /// </summary>
    public static TempDirectory InMemory() => OperatingSystem.IsLinux() && Directory.Exists(Memory)
        ? new TempDirectory(Directory.CreateDirectory(Path.Combine(Memory, $"engine-test-{Guid.NewGuid():N}")).FullName)
        : new TempDirectory();

    /// <summary>The directory.</summary>
    public string Root { get; }

    /// <summary>Where most tests keep their database.</summary>
    public string DatabasePath => File("test.db");

    /// <summary>The path of a file in it, which need not exist.</summary>
    public string File(string name) => Path.Combine(Root, name);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
