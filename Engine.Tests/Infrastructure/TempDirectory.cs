namespace Engine.Tests.Infrastructure;

/// <summary>A directory of its own for one test; gone, with everything in it, when disposed.</summary>
internal sealed class TempDirectory : IDisposable
{
    public TempDirectory() => Root = Directory.CreateTempSubdirectory("engine-test-").FullName;

    /// <summary>The directory.</summary>
    public string Root { get; }

    /// <summary>Where most tests keep their database.</summary>
    public string DatabasePath => File("test.db");

    /// <summary>The path of a file in it, which need not exist.</summary>
    public string File(string name) => Path.Combine(Root, name);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
