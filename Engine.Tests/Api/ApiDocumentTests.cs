using System.Text;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>
/// docs/api.md is one program: its first block begins it, each further one is a scope of its own; each block of
/// docs/programs.md is a program. A comment <c>// prints: text</c> is a line that the program prints, in the order of
/// the comments.
/// </summary>
// Changes the process: its console and its current directory.
[NonParallelizable]
public class ApiDocumentTests
{
    private const string Fence = "```";
    private const string Prints = "// prints: ";

    [Test]
    public void EveryExample_CompilesRunsAndPrintsWhatItSays()
    {
        var blocks = Blocks("api.md");
        Assert.That(blocks, Has.Count.GreaterThan(20));
        var source = new StringBuilder(blocks[0]);
        foreach (var block in blocks.Skip(1))
        {
            source.Append("{\n").Append(block).Append("}\n");
        }

        RunAndCompare(source.ToString(), string.Concat(blocks));
    }

    [TestCaseSource(nameof(Programs))]
    public void Program_CompilesRunsAndPrintsWhatItSays(string program)
    {
        RunAndCompare(program, program);
        Assert.That(CSharpCompiler.AnalyzerIds(new Analyzers.ReadTransactionAnalyzer(), program), Is.Empty);
    }

    [Test]
    public void EveryExample_KeepsToTheRulesOfThePackage()
    {
        var blocks = Blocks("api.md");
        var body = string.Concat(blocks.Skip(1).Select(static block => $"{{\n{block}}}\n"));
        var begin = blocks[0].IndexOf("static ", StringComparison.Ordinal);
        var found = CSharpCompiler.AnalyzerIds(
            new Analyzers.ReadTransactionAnalyzer(),
            $"{blocks[0][..begin]}static class Example {{ static async Task Run() {{\n{blocks[0][begin..]}{body}}} "
            + $"}}\n");
        Assert.That(found, Is.Empty);
    }

    private static IEnumerable<TestCaseData> Programs() => Blocks("programs.md")
        .Select(
            static (program, index) =>
                new TestCaseData(program).SetName($"Program_CompilesRunsAndPrintsWhatItSays({index + 1})"));

    private static void RunAndCompare(string source, string document)
    {
        using var directory = new TempDirectory();
        var here = Environment.CurrentDirectory;
        var console = Console.Out;
        using var output = new StringWriter { NewLine = "\n" };
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

        var expected = document.Split('\n')
            .Where(static line => line.Contains(Prints, StringComparison.Ordinal))
            .Select(static line => line[(line.IndexOf(Prints, StringComparison.Ordinal) + Prints.Length)..]);
        Assert.That(output.ToString().TrimEnd('\n').Split('\n'), Is.EqualTo(expected));
    }

    private static List<string> Blocks(string document)
    {
        var markdown = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", document));
        var blocks = new List<string>();
        for (var at = 0; (at = markdown.IndexOf($"{Fence}csharp\n", at, StringComparison.Ordinal)) >= 0;)
        {
            var start = markdown.IndexOf('\n', at) + 1;
            at = markdown.IndexOf($"\n{Fence}", start, StringComparison.Ordinal) + 1;
            blocks.Add(markdown[start..at]);
        }

        return blocks;
    }
}
