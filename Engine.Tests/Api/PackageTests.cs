using System.Diagnostics;
using System.IO.Compression;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>What users of the package get.</summary>
[Category(Categories.Process), NonParallelizable]
public class PackageTests
{
    [Test]
    public void Package_HasTheLibraryAndItsRules_AndDependsOnNothing()
    {
        using var directory = new TempDirectory();
        var output = Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                "pack", Path.Combine(RepositoryFiles.Root, "Engine", "Engine.csproj"),
                "--no-build", "--no-restore", "--nologo", "-c", Path.GetFileName(output)!, "-o", directory.Root,
            },
            RedirectStandardOutput = true,
        };
        using var pack = Process.Start(start)!;
        var messages = pack.StandardOutput.ReadToEnd();
        pack.WaitForExit();
        Assert.That(pack.ExitCode, Is.Zero, messages);

        using var package = ZipFile.OpenRead(Directory.GetFiles(directory.Root, "*.nupkg").Single());
        var files = package.Entries.Select(static entry => entry.FullName).ToList();
        Assert.That(files, Does.Contain("lib/net10.0/Engine.dll").And.Contain("lib/net10.0/Engine.xml"));
        Assert.That(
            files.Where(static file => file.EndsWith(".dll", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            Is.EqualTo(new[] { "analyzers/dotnet/cs/Engine.Analyzers.dll", "lib/net10.0/Engine.dll" }));
        using var reader = new StreamReader(package.GetEntry("Engine.nuspec")!.Open());
        Assert.That(reader.ReadToEnd(), Does.Not.Contain("<dependency "));
    }
}
