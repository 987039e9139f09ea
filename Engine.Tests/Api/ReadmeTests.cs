using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>The README's first program does what it says.</summary>
// Changes the process: its console and its current directory.
[NonParallelizable]
public class ReadmeTests
{
    [Test]
    public void QuickStart_CompilesAndRuns()
    {
        var readme = Path.Combine(RepositoryFiles.Root, "README.md");
        var source = File.Exists(readme) ? FirstProgram(File.ReadAllText(readme)) : null;
        if (source is null)
        {
            Assert.Ignore("README.md has no csharp block");
        }

        using var directory = new TempDirectory();
        var here = Environment.CurrentDirectory;
        var console = Console.Out;
        using var output = new StringWriter();
        try
        {
            Environment.CurrentDirectory = directory.Root;
            Console.SetOut(output);
            CSharpCompiler.Run(source);
        }
        finally
        {
            Console.SetOut(console);
            Environment.CurrentDirectory = here;
        }

        TestContext.Out.WriteLine(output.ToString());
        Assert.That(Directory.GetFiles(directory.Root, "*.db"), Has.Length.EqualTo(1), "the program makes a database");
        Assert.That(output.ToString(), Is.Not.Empty, "and says what it reads");
        using var database = Database.Open(Directory.GetFiles(directory.Root, "*.db")[0]);
        Assert.That(database.Check().IsOk);
    }

    private static string? FirstProgram(string markdown)
    {
        const string Fence = "```";
        var start = markdown.IndexOf($"{Fence}csharp\n", StringComparison.Ordinal);
        if (start < 0)
        {
            return null;
        }

        start = markdown.IndexOf('\n', start) + 1;
        return markdown[start..markdown.IndexOf(Fence, start, StringComparison.Ordinal)];
    }
}
