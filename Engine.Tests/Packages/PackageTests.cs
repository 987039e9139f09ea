using System.IO.Compression;
using System.Text.RegularExpressions;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Packages;

/// <summary>What strangers see of the packages, and that they work for those who have nothing else.</summary>
[Category(Categories.Process), NonParallelizable]
internal sealed partial class PackageTests
{
    private const string EngineId = LocalFeed.Prefix + "Engine";
    private const string ToolId = LocalFeed.Prefix + "Engine.Cli";
    private const string ReplicaToolId = LocalFeed.Prefix + "Engine.Replica";

    private static readonly byte[] PngSignature = [0x89, .. "PNG\r\n\u001a\n"u8];

    private readonly Lazy<string> _project;
    private LocalFeed _feed = null!;

    public PackageTests() => _project = new(MakeProject);

    [OneTimeSetUp]
    public void Pack() => _feed = LocalFeed.Pack();

    [OneTimeTearDown]
    public void Delete() => _feed?.Dispose();

    [Test]
    public void Solution_GivesTheEngineTheToolAndTheExtensions_AndNothingElse()
    {
        var extensions = Directory.GetDirectories(Path.Combine(RepositoryFiles.Root, "extensions"))
            .Select(static folder => Path.GetFileName(folder))
            .Where(static name => !name.EndsWith("Tests", StringComparison.Ordinal)
                && !name.EndsWith("Bench", StringComparison.Ordinal))
            .Select(static name => LocalFeed.Prefix + name);
        Assert.That(
            _feed.Packages.Keys, Is.EquivalentTo(extensions.Append(EngineId).Append(ToolId).Append(ReplicaToolId)));
    }

    [Test]
    public void Packages_TellWhatTheyAreAndWhereTheyComeFrom() => ForEach(static package =>
    {
        Assert.That(package["description"], Has.Length.GreaterThan(40));
        Assert.That(package["tags"].Split(' '), Has.Length.GreaterThan(2));
        Assert.That(package["license"], Is.EqualTo("MIT"));
        Assert.That(package.Attribute("license", "type"), Is.EqualTo("expression"));
        Assert.That(package.Attribute("repository", "type"), Is.EqualTo("git"));
        Assert.That(package.Attribute("repository", "url"), Does.StartWith("https://"));
        Assert.That(package.Attribute("repository", "commit"), Does.Match("^[0-9a-f]{40}$"), "made in a clone");
        Assert.That(package["projectUrl"], Is.EqualTo(package.Attribute("repository", "url")));
        Assert.That(package["releaseNotes"], Does.EndWith("/CHANGELOG.md"));
        Assert.That(package.Read(package["icon"]).AsSpan(0, PngSignature.Length).ToArray(), Is.EqualTo(PngSignature));
    });

    [Test]
    public void Readmes_AreTheirOwn_AndLeadNowhereThatThePageLacks()
    {
        var titles = new List<string>();
        ForEach(package =>
        {
            var readme = System.Text.Encoding.UTF8.GetString(package.Read(package["readme"]));
            titles.Add(readme.Split('\n')[0]);
            Assert.That(readme, Does.Contain(package.Id), "says how it is installed");
            Assert.That(
                Link().Matches(readme).Select(static link => link.Groups[1].Value),
                Has.All.StartsWith("https://").Or.StartsWith("#"));
        });
        Assert.That(titles, Is.Unique);
    }

    [Test]
    public void Assemblies_HaveSymbolsThatLeadToTheirSources() => ForEach(static package =>
    {
        Assert.That(package.HasSymbols, "a .snupkg is beside the package");
        Assert.That(package.OwnAssemblies, Is.Not.Empty);
        foreach (var assembly in package.OwnAssemblies.Where(static path => !IsAnalyzer(path)))
        {
            var link = package.SourceLink(assembly);
            Assert.That(link, Does.Match(@"""https://raw\.githubusercontent\.com/.+/[0-9a-f]{40}/\*"""), assembly);
            if (Environment.GetEnvironmentVariable("CI") == "true")
            {
                Assert.That(link, Does.Contain(@"""/_/*"""), "no path of the machine that built it");
            }
        }

        static bool IsAnalyzer(string path) => path.StartsWith("analyzers/", StringComparison.Ordinal);
    });

    [Test]
    public void Libraries_HaveTheirDocumentation() => ForEach(static package =>
    {
        var libraries = package.OwnAssemblies.Where(static path => path.StartsWith("lib/", StringComparison.Ordinal));
        foreach (var library in libraries)
        {
            Assert.That(package.Files, Does.Contain(Path.ChangeExtension(library, ".xml")));
        }
    });

    [Test]
    public void Packages_DependOnEachOtherInTheVersionThatWasPackedWithThem() => ForEach(package =>
    {
        foreach (var (id, version) in package.Dependencies)
        {
            if (id.StartsWith(LocalFeed.Prefix, StringComparison.Ordinal))
            {
                // In brackets, of what is built on the engine's internals: this version and no other.
                Assert.That(version.Trim('[', ']'), Is.EqualTo(_feed.Packages[id]["version"]));
            }
        }
    });

    [Test]
    public void Engine_HasTheLibraryAndItsRules_AndDependsOnNothing()
    {
        var package = _feed.Packages[EngineId];

        Assert.That(
            package.Files.Where(static file => file.EndsWith(".dll", StringComparison.Ordinal)),
            Is.EquivalentTo(["analyzers/dotnet/cs/Engine.Analyzers.dll", "lib/net10.0/Engine.dll"]));
        Assert.That(package.Dependencies, Is.Empty);
    }

    /// <summary>What PackageValidationBaselineVersion does with the last version from a registry.</summary>
    [Test]
    public void Engine_IsNotPackedWithoutWhatTheVersionBeforeHad()
    {
        using var directory = new TempDirectory();
        var before = directory.File("before.nupkg");
        File.Copy(_feed.Packages[EngineId].Path, before);

        // An older one counts as compared already.
        File.SetLastWriteTimeUtc(before, DateTime.UtcNow);

        var (exitCode, output) = PackAfter(before, directory);
        Assert.That(exitCode, Is.Zero, output);

        var compilation = CSharpCompiler.CompileEngine([("Gone.cs", "namespace Engine; public class Gone;")]);
        using (var package = ZipFile.Open(before, ZipArchiveMode.Update))
        {
            const string Library = "lib/net10.0/Engine.dll";
            package.GetEntry(Library)!.Delete();
            using var library = package.CreateEntry(Library).Open();
            using var assembly = new MemoryStream();
            Assert.That(compilation.WithAssemblyName("Engine").Emit(assembly).Success);
            library.Write(assembly.ToArray());
        }

        (exitCode, output) = PackAfter(before, directory);
        Assert.That(exitCode, Is.Not.Zero);
        Assert.That(output, Does.Contain("error CP0001").And.Contain("Engine.Gone"));
    }

    [TestCase("README.md")]
    [TestCase("Engine/README.md")]
    public void QuickStart_RunsFromAnEmptyFolder(string readme)
    {
        var folder = _project.Value;
        var program = Readme.FirstProgram(Path.Combine(RepositoryFiles.Root, readme));
        File.WriteAllText(Path.Combine(folder, "Program.cs"), program);

        Assert.That(DotNet.Run(folder, _feed.Environment, "run"), Is.Not.Empty);

        var path = Directory.GetFiles(folder, "*.db").Single();
        using (var database = Database.Open(path))
        {
            Assert.That(database.Check().IsOk);
        }

        File.Delete(path);
    }

    [Test]
    public void Rules_OfTheEnginesPackage_AreFollowedByItsUsers()
    {
        File.WriteAllText(
            Path.Combine(_project.Value, "Program.cs"),
            """
            using var db = Engine.Database.OpenInMemory();
            using var read = db.BeginRead();
            read.Dispose();
            """);

        var (exitCode, output) = DotNet.TryRun("dotnet", _project.Value, _feed.Environment, "build", "--no-restore");

        Assert.That(exitCode, Is.Not.Zero);
        Assert.That(output, Does.Contain("error ENGINE001"));
    }

    [Test]
    public void Tool_IsInstalledAndRuns()
    {
        var folder = _feed.NewFolder("Tool");
        DotNet.Run(folder, _feed.Environment, "tool", "install", ToolId, "--tool-path", folder);
        var engine = Path.Combine(folder, OperatingSystem.IsWindows() ? "engine.exe" : "engine");

        var version = DotNet.TryRun(engine, folder, _feed.Environment, "--version");

        Assert.That(version.ExitCode, Is.Zero, version.Output);
        Assert.That(version.Output, Does.StartWith(_feed.Packages[ToolId]["version"]));
    }

    /// <summary>What a stranger does first.</summary>
    private string MakeProject()
    {
        var folder = _feed.NewFolder("QuickStart");
        DotNet.Run(folder, _feed.Environment, "new", "console");
        DotNet.Run(folder, _feed.Environment, "package", "add", EngineId);
        return folder;
    }

    private (int ExitCode, string Output) PackAfter(string before, TempDirectory directory) => DotNet.TryRun(
        "dotnet",
        RepositoryFiles.Root,
        _feed.Environment,
        "pack", Path.Combine("Engine", "Engine.csproj"), "--no-build", "--no-restore", "-c", LocalFeed.Configuration,
        "-o", directory.File("after"), $"-p:PackageValidationBaselinePath={before}");

    private void ForEach(Action<Package> check) => Assert.Multiple(() =>
    {
        foreach (var package in _feed.Packages.Values)
        {
            TestContext.Out.WriteLine(package.Id);
            check(package);
        }
    });

    [GeneratedRegex(@"\]\(([^)]+)\)")]
    private static partial Regex Link();
}
