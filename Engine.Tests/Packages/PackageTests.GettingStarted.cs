using System.Text.RegularExpressions;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Packages;

/// <content>docs/getting-started.md, as it stands.</content>
internal sealed partial class PackageTests
{
    private static readonly string GettingStarted = Path.Combine(RepositoryFiles.Root, "docs", "getting-started.md");

    [Test]
    public async Task GettingStarted_RunsFromAnEmptyFolder_WithNothingButOurPackages()
    {
        var folder = _feed.NewFolder("counter", onlyOurs: true);
        using var service = new CounterService(folder);
        var answers = 0;
        foreach (var (command, output) in Transcript())
        {
            switch (command.Split(' '))
            {
                case ["mkdir", ..]:
                    break;
                case ["dotnet", "run", ..]:
                    await service.StartAsync(_feed.Environment);
                    break;
                case ["dotnet", .. var arguments]:
                    DotNet.Run(folder, _feed.Environment, arguments);
                    File.WriteAllText(Path.Combine(folder, "Program.cs"), Readme.FirstProgram(GettingStarted));
                    break;
                case ["curl", "-s", .. var request]:
                    answers++;
                    var parts = Curl().Match(command).Groups;
                    var text = await service.AskAsync(request.Contains("POST"), parts["path"].Value);
                    if (parts["pattern"].Success)
                    {
                        text = string.Join(
                            '\n', text.Split('\n').Where(line => line.Contains(parts["pattern"].Value)));
                    }

                    Assert.That(text, Is.EqualTo(output), command);
                    break;
                case ["pkill", "-9", ..]:
                    service.Kill();
                    break;
                default:
                    Assert.Fail($"The page has a command that is not known here: {command}");
                    break;
            }
        }

        Assert.That(answers, Is.GreaterThan(5));
    }

    [Test]
    public void GettingStarted_HasTheQuickStartOfTheHostingPackage()
    {
        var readme = Path.Combine(RepositoryFiles.Root, "extensions", "Engine.Extensions.Hosting", "README.md");
        Assert.That(Readme.FirstProgram(readme), Is.EqualTo(Readme.FirstProgram(GettingStarted)));
    }

    /// <summary>Commands that a terminal of the page shows, and what it shows below each.</summary>
    private static List<(string Command, string Output)> Transcript()
    {
        const string Prompt = "$ ";
        var transcript = new List<(string, string)>();
        var markdown = File.ReadAllText(GettingStarted).ReplaceLineEndings("\n");
        foreach (Match block in Terminal().Matches(markdown))
        {
            foreach (var part in ("\n" + block.Groups[1].Value).Split($"\n{Prompt}").Skip(1))
            {
                var lines = part.TrimEnd('\n').Split('\n', 2);
                transcript.Add((lines[0], lines.Length > 1 ? lines[1] : ""));
            }
        }

        return transcript;
    }

    [GeneratedRegex("^```console\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Terminal();

    [GeneratedRegex(
        @"http://127\.0\.0\.1:5000(?<path>/\w+)( \| grep '(?<pattern>[^']+)')?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Curl();
}
