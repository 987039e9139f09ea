namespace Engine.Tests.Infrastructure;

/// <summary>Finds files of the repository from where the tests run.</summary>
internal static class RepositoryFiles
{
    /// <summary>The folder that holds Engine.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>
    /// Paths of the engine's own sources, relative to the folder of the engine, with forward slashes.
    /// </summary>
    public static IReadOnlyList<string> EngineSourcePaths()
    {
        var engine = Path.Combine(Root, "Engine");
        return Directory.EnumerateFiles(engine, "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(engine, path).Replace('\\', '/'))
            .Where(
                path => !path.StartsWith("bin/", StringComparison.Ordinal)
                    && !path.StartsWith("obj/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToList();
    }

    /// <summary>The engine's own sources by their path, as in <see cref="EngineSourcePaths"/>.</summary>
    public static IReadOnlyDictionary<string, string> EngineSources() =>
        EngineSourcePaths().ToDictionary(path => path, path => File.ReadAllText(Path.Combine(Root, "Engine", path)));

    /// <summary>Paths of all sources below a folder of the repository, relative to its root.</summary>
    public static IEnumerable<string> CodePaths(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Select(static path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(static path => !path.Contains("/bin/", StringComparison.Ordinal)
                && !path.Contains("/obj/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    /// <summary>Paths of the documents, relative to the root of the repository.</summary>
    public static IEnumerable<string> Documents() =>
        Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Root, "*.md"))
            .Select(static path => Path.GetRelativePath(Root, path))
            .Order(StringComparer.Ordinal);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Engine.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Engine.sln.");
    }
}
