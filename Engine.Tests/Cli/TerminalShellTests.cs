using System.Text;
using Engine.Cli;
using Engine.Cli.Shared;

namespace Engine.Tests.Cli;

/// <summary>The shell as a person at a terminal sees it.</summary>
internal sealed class TerminalShellTests : CliFixture
{
    private string Database => InFolder("shell.db");

    [Test]
    public void Replies_AreForPeople()
    {
        string output = Type("put alice 42\nput caf\\c3\\a9 a\\20b\nget caf\\c3\\a9\nget nobody\nscan\nquit\n");
        Assert.That(output, Does.Contain("engine> ok\n").And.Contain("engine> a b\n").And.Contain("engine> absent\n"));
        Assert.That(output, Does.Contain("│ alice │ 42 ").And.Contain("│ café  │ a b ").And.Contain("2 entries\n"));
    }

    [Test]
    public void ThePrompt_TellsTreeAndTransaction()
    {
        string output = Type("begin\nput a 1\ncommit\nuse users\nput b 2\ntrees\nuse\ncount\n");
        Assert.That(
            output, Does.Contain("engine* ok").And.Contain("engine* committed transaction ").And.Contain("users> ok"));
        Assert.That(
            output,
            Does.Contain("there is no such tree")
                .And.Contain("│ (default) │       1 ")
                .And.Contain("│ users     │       1 ")
                .And.Contain("engine> 1 entry\n"));
    }

    [Test]
    public void ALongScan_ComesInPieces()
    {
        var script = new StringBuilder("begin\n");
        for (int i = 0; i < 90; i++)
            script.Append($"put key{i:D2} {i}\n");
        string output = Type(script + "commit\nscan\nmore\nmore\nmore\n");
        Assert.That(output.Split("40 entries; 'more' shows the next ones\n"), Has.Length.EqualTo(3));
        Assert.That(output, Does.Contain("\n10 entries\n").And.Contain("error: there is no more"));
        for (int i = 0; i < 90; i++)
            Assert.That(output.Split($"│ key{i:D2} │"), Has.Length.EqualTo(2));
    }

    [TestCase(40)]
    [TestCase(80)]
    [TestCase(160)]
    public void ATable_FitsTheTerminal(int width)
    {
        string output = Type(
            $"put {new string('k', 300)} {new string('v', 300)}\nput 東東東東東東東東東東東東東東東東東東東東東東東東東東東東東東東東東東東東東東東東東東東東東東 "
            + $"\\00\\01\nscan\n",
            width);
        string[] table = [.. output.Split('\n').Where(line => line.StartsWith('│'))];
        Assert.That(table, Has.Length.EqualTo(3), "nothing is broken over two lines");
        Assert.That(table.Max(line => line.Sum(c => c == '東' ? 2 : 1)), Is.LessThanOrEqualTo(width));
    }

    [Test]
    public void ALongValue_IsCut() => Assert.That(
        Type($"put k {new string('v', 10_000)}\nget k\n"),
        Does.Contain(
            "vvv\n... (10,000 bytes; engine get FILE KEY --raw writes all of them)\n").And.Not.Contain(
                new string('v', 5000)));

    [Test]
    public void Help_ListsTheCommands_AndMistakesAreToldWhy()
    {
        string output = Type("help\nfly\nput a\ncheck\n");
        foreach (string command in (string[])["get KEY", "scan [FROM [TO]]", "more", "trees", "use [TREE]"])
            Assert.That(output, Does.Contain("│ " + command));
        Assert.That(
            output,
            Does.Contain("error: unknown command 'fly'")
                .And.Contain("error: wrong number of arguments")
                .And.Contain("ok: every page is sound"));
    }

    [Test]
    public void TheCommandsForPeople_AreNotPartOfTheProtocol() => Assert.That(
        RunWithInput("trees\nuse x\nmore\nexit\n", "shell", Database).Expect(0).OutputLines,
        Has.Length.EqualTo(4).And.All.StartWith("error unknown command"));

    private string Type(string lines, int width = 80)
    {
        using var outputStream = new MemoryStream();
        using var error = new StringWriter { NewLine = "\n" };
        int exitCode = App.Run(["shell", Database], new CommandContext
        {
            Input = new MemoryStream(Encoding.UTF8.GetBytes(lines)),
            Output = new Output(outputStream, width),
            Error = error,
            IsInteractive = true,
            Progress = new LineProgressReporter(error, TimeProvider.System),
        });
        Assert.That(exitCode, Is.Zero, error.ToString());
        return Encoding.UTF8.GetString(outputStream.ToArray());
    }
}
