using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli.Inspection;

/// <summary>
/// A text file beside the tests that holds what a command writes. With ENGINE_UPDATE_GOLDEN=1 in the environment the
/// tests write the files instead of comparing; what changed is then read in the diff.
/// </summary>
internal static class GoldenFile
{
    private static string Folder => Path.Combine(RepositoryFiles.Root, "Engine.Tests", "Cli", "Inspection", "Golden");

    public static void Check(string name, string actual)
    {
        string path = Path.Combine(Folder, name + ".txt");
        if (Environment.GetEnvironmentVariable("ENGINE_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
            Assert.Ignore($"{path} was written");
        }

        Assert.That(
            File.Exists(path), $"{path} is missing: run the test with ENGINE_UPDATE_GOLDEN=1, and read what it wrote");
        Assert.That(actual, Is.EqualTo(File.ReadAllText(path).ReplaceLineEndings("\n")), $"differs from {path}");
    }
}
