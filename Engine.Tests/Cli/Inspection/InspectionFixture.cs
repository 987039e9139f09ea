using Engine.Tests.Infrastructure;
using Engine.Tests.Integrity;

namespace Engine.Tests.Cli.Inspection;

/// <summary>Databases to look into, and the commands that do.</summary>
internal abstract class InspectionFixture : CliFixture
{
    /// <summary>Every way to look into a file, without the file; each writes its report to standard output.</summary>
    protected static IEnumerable<string[]> Commands =>
    [
        ["info"], ["info", "--json"], ["info", "--walk"],
        ["trees"], ["trees", "--json"],
        ["pages"], ["pages", "--by", "age"], ["pages", "--by", "fill"], ["pages", "--json"],
        ["page", "superblock"], ["page", "meta0"], ["page", "meta1"], ["page", "reserved", "--json"],
        ["page", "32"], ["page", "32", "--dump"], ["page", "33", "--json"], ["page", "34", "--alone"],
        ["tree"],
        ["tree", "--depth", "9", "--json"],
        ["tree", "--path", "key-00016"],
        ["tree", "(catalog)"],
        ["tree", "animals", "--path", "x", "--json"],
        ["space"], ["space", "--json"],
        ["readers"], ["readers", "--json"],
        ["check"], ["check", "--json"],
    ];

    /// <summary>A command with the file where it belongs: behind the command's name.</summary>
    protected static string[] On(string file, string[] command) => [command[0], file, .. command[1..]];

    protected string WriteImage(TestImage image, string name = "image.db")
    {
        string path = InFolder(name);
        File.WriteAllBytes(path, image.File);
        return path;
    }

    /// <summary>A file that has every feature: see <see cref="DamageCase.Sound"/>.</summary>
    protected string WriteSoundImage(bool isVerified) => WriteImage(DamageCase.Sound(isVerified));

    protected string LoadDataSet()
    {
        string path = InFolder("unicode.db");
        Run("load", path, Path.Combine(RepositoryFiles.Root, "data", "unicode.tsv")).Expect(0);
        Run("put", path, "alice", "42", "--tree", "scores").Expect(0);
        return path;
    }

    protected string CreateEmpty()
    {
        string path = InFolder("empty.db");
        Run("load", path, Write("nothing.tsv", "")).Expect(0);
        return path;
    }

    /// <summary>
    /// Expects an answer: whatever the file holds, no command may meet something that it did not think of.
    /// </summary>
    protected static void ExpectAnswer(CliResult result, string what)
    {
        Assert.That(result.ExitCode, Is.InRange(0, 3), what + result.Error);
        Assert.That(result.Error, Does.Not.Contain("internal error"), what);
        Assert.That(result.ExitCode == 0 ? "fine" : result.Error + result.Output, Is.Not.Empty, what);
        if (result.Error.Length > 0)
            Assert.That(
                result.Error.TrimEnd('\n').Split('\n'),
                Has.All.StartsWith("engine: ").Or.All.Contains("reading "),
                what);
    }
}
