using Engine.Extensions.Caching.Tests.Infrastructure;

namespace Engine.Extensions.Caching.Tests;

/// <summary>The page of the package: its quick start is a file of this project, which runs.</summary>
// Changes the process: its console and its current directory.
[NonParallelizable]
public class ReadmeTests
{
    private const int Indent = 8;

    [Test]
    public void QuickStart_IsWhatIsCompiledHere()
    {
        var lines = File.ReadAllLines(Beside("QuickStart.cs"));
        var begin = Array.FindIndex(lines, static line => line.Contains("Task Run()", StringComparison.Ordinal)) + 2;
        var body = lines[begin..^2].Select(static line => line.Length > Indent ? line[Indent..] : string.Empty);
        var usings = lines.TakeWhile(static line => line.StartsWith("using", StringComparison.Ordinal));
        var block = $"```csharp\n{string.Join('\n', [.. usings, string.Empty, .. body])}\n```";
        Assert.That(File.ReadAllText(Beside("README.md")), Does.Contain(block));
    }

    [Test]
    public async Task QuickStart_DoesNotAskAgain()
    {
        using var folder = new TempFolder();
        var (here, console) = (Environment.CurrentDirectory, Console.Out);
        using var output = new StringWriter { NewLine = "\n" };
        try
        {
            Environment.CurrentDirectory = folder.Root;
            Console.SetOut(output);
            await QuickStart.Run();
            Assert.That(output.ToString(), Is.EqualTo("asking for the price of 42\n9.90\n"));

            // HybridCache answers before it writes to the second level: who ends at once may be faster.
            for (var i = 0; i < 50 && output.ToString() != "9.90\n"; i++)
            {
                output.GetStringBuilder().Clear();
                await QuickStart.Run();
            }
        }
        finally
        {
            Console.SetOut(console);
            Environment.CurrentDirectory = here;
        }

        Assert.That(output.ToString(), Is.EqualTo("9.90\n"));
    }

    [Test]
    public void Options_AreAllInTheTable()
    {
        var page = File.ReadAllText(Beside("README.md"));
        foreach (var option in typeof(EngineCacheOptions).GetProperties())
        {
            Assert.That(page, Does.Contain($"| `{option.Name}` |"));
        }
    }

    private static string Beside(string name) => Path.Combine(AppContext.BaseDirectory, name);
}
