using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>The first programs of the README and of the package's page do what they say.</summary>
// Changes the process: its console and its current directory.
[NonParallelizable]
public class ReadmeTests
{
    [TestCase("README.md")]
    [TestCase("Engine/README.md")]
    public void QuickStart_CompilesAndRuns(string readme)
    {
        var source = Readme.FirstProgram(Path.Combine(RepositoryFiles.Root, readme));
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
}
