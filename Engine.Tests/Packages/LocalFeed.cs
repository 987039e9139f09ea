using System.Xml.Linq;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Packages;

/// <summary>
/// All packages of the solution in a folder, packed from what is built, and folders beside it for projects that use
/// them as strangers do: with nothing of the repository, and a package cache of their own.
/// </summary>
internal sealed class LocalFeed : IDisposable
{
    /// <summary>What the id of every package begins with.</summary>
    public const string Prefix = "MappedTree.";

    private readonly TempDirectory _directory = new();

    private LocalFeed()
    {
    }

    /// <summary>Debug or Release: what the tests were built as, and so what there is to pack.</summary>
    public static string Configuration { get; } =
        Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)))!;

    /// <summary>Where the packages are, and their symbols beside them.</summary>
    public string Folder => _directory.File("feed");

    /// <summary>The packages, by their ids.</summary>
    public IReadOnlyDictionary<string, Package> Packages { get; private set; } = new Dictionary<string, Package>();

    /// <summary>What processes need to restore from the feed without leaving anything behind.</summary>
    public IReadOnlyDictionary<string, string> Environment =>
        new Dictionary<string, string> { ["NUGET_PACKAGES"] = _directory.File("packages") };

    public static LocalFeed Pack()
    {
        var feed = new LocalFeed();
        try
        {
            DotNet.Run(
                RepositoryFiles.Root,
                feed.Environment,
                "pack", "Engine.sln", "--no-build", "--no-restore", "--nologo", "-c", Configuration, "-o", feed.Folder);
            feed.Packages = Directory.GetFiles(feed.Folder, "*.nupkg")
                .Select(static path => new Package(path))
                .ToDictionary(static package => package.Id);
            return feed;
        }
        catch
        {
            feed.Dispose();
            throw;
        }
    }

    /// <summary>
    /// An empty folder, but for a <c>NuGet.config</c>: our ids come from the feed alone, everything else from where
    /// this machine takes its packages.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="onlyOurs">Nothing else comes from anywhere.</param>
    public string NewFolder(string name, bool onlyOurs = false)
    {
        var folder = Directory.CreateDirectory(_directory.File(name)).FullName;
        var listed = onlyOurs ? "" : DotNet.Run(folder, Environment, "nuget", "list", "source", "--format", "short");
        var sources = listed
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(static line => line.StartsWith("E ", StringComparison.Ordinal))
            .Select(static (line, number) => (Name: $"machine{number}", Address: line[2..]))
            .ToList();
        var file = new XElement(
            "configuration",
            new XElement(
                "packageSources",
                new XElement("clear"),
                sources.Append((Name: "local", Address: Folder)).Select(static source => new XElement(
                    "add", new XAttribute("key", source.Name), new XAttribute("value", source.Address)))),
            new XElement(
                "packageSourceMapping",
                new XElement("clear"),
                sources.Select(static source => Mapping(source.Name, "*")).Append(Mapping("local", Prefix + "*"))));
        file.Save(Path.Combine(folder, "NuGet.config"));
        return folder;
    }

    public void Dispose()
    {
        foreach (var package in Packages.Values)
        {
            package.Dispose();
        }

        _directory.Dispose();
    }

    private static XElement Mapping(string source, string pattern) => new(
        "packageSource",
        new XAttribute("key", source),
        new XElement("package", new XAttribute("pattern", pattern)));
}
