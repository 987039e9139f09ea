using System.Text;
using System.Text.RegularExpressions;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli;

/// <summary>
/// Keeps docs/cli.md true: runs every command of its <c>console</c> blocks, one after the other in one folder, and
/// compares what they write. In the document … stands for anything within a line, for what differs from run to run.
/// </summary>
[Category(Categories.Process), NonParallelizable]
internal sealed partial class DocumentationTests : CliFixture
{
    private static string Document => Path.Combine(RepositoryFiles.Root, "docs", "cli.md");

    [Test]
    public void EveryTranscript_IsWhatTheToolDoes()
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("the transcripts need a POSIX shell");
        Directory.CreateDirectory(InFolder("data"));
        File.Copy(Path.Combine(RepositoryFiles.Root, "data", "unicode.tsv"), InFolder("data/unicode.tsv"));
        Assert.Multiple(() =>
        {
            foreach ((string command, string expected) in Transcripts())
            {
                string actual = ProgressLine().Replace(PosixShell.Run(command, Folder), "");
                Assert.That(actual.TrimEnd(), Does.Match(Pattern(expected)), $"$ {command}");
            }
        });
    }

    [Test]
    public void EveryCommand_HasASectionWithATranscript()
    {
        string text = File.ReadAllText(Document);
        string[] commands =
        [
            "load", "get", "put", "del", "scan", "dump", "stat", "info", "trees", "tree", "pages", "page", "space",
            "readers",
            "check", "copy", "upgrade", "backup", "restore", "verify", "import", "shell", "completion", "demo"
        ];
        foreach (string command in commands)
        {
            Assert.That(text, Does.Contain($"\n## {command}\n"));
            Assert.That(Transcripts().Select(transcript => transcript.Command), Has.Some.Contains("engine " + command));
        }
    }

    private static IEnumerable<(string Command, string Output)> Transcripts()
    {
        foreach (Match block in ConsoleBlock().Matches(File.ReadAllText(Document).ReplaceLineEndings("\n")))
        {
            string? command = null;
            var output = new StringBuilder();
            foreach (string line in block.Groups[1].Value.Split('\n'))
            {
                if (line.StartsWith("$ ", StringComparison.Ordinal))
                {
                    if (command is not null)
                        yield return (command, output.ToString());
                    command = line[2..];
                    output.Clear();
                }
                else
                {
                    output.Append(line).Append('\n');
                }
            }

            if (command is not null)
                yield return (command, output.ToString());
        }
    }

    private static string Pattern(string expected) =>
        "^" + Regex.Escape(expected.TrimEnd()).Replace("…", ".*", StringComparison.Ordinal) + "$";

    /// <summary>A slow machine shows the progress of a load that others finish before there is any.</summary>
    [GeneratedRegex(
        "^(loading|dumping|importing|copying|salvaging|checking|backing up|restoring) .*/s\n", RegexOptions.Multiline)]
    private static partial Regex ProgressLine();

    [GeneratedRegex("```console\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex ConsoleBlock();
}
