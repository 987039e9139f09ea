using System.Text;
using System.Text.RegularExpressions;
using Engine.Cli.Shared;

namespace Engine.Tests.Cli;

/// <summary>Whatever names and keys hold, a terminal is shown them and takes none of them for a command.</summary>
internal sealed partial class TerminalOutputTests : CliFixture
{
    /// <summary>
    /// Clears the screen, sounds the bell, the 8-bit form of an escape sequence, and turns the direction of the text.
    /// </summary>
    private const string Hostile = "a\u001b[2J\u0007\u009b31m\u202ez";

    private static readonly string[] ShownForms =
    [
        "a\\1b[2J\\07\\c2\\9b31m\\e2\\80\\aez", "a\\u001B[2J\\u0007\\u009B31m\\u202Ez",
            "0x611b5b324a07c29b33316de280ae7a",
        "0x611B5B324A07C29B33316DE280AE7A",
    ];

    private string Database => InFolder($"db{Hostile}.db");

    private static IEnumerable<string[]> Commands =>
    [
        ["stat"], ["stat", "--json"], ["info"], ["info", "--json"], ["trees"], ["trees", "--json"], ["pages"],
        ["pages", "--json"],
        ["page", "superblock"],
        ["page", "meta0", "--json"],
        ["page", "4"],
        ["page", "4", "--json"],
        ["page", "5", "--dump"],
        ["page", "6", "--utf8"],
        ["tree"],
        ["tree", "--json"],
        ["tree", Hostile],
        ["tree", Hostile, "--path", Hostile],
        ["tree", Hostile, "--path", Hostile, "--json"],
        ["space"], ["space", "--json"], ["readers"], ["readers", "--json"], ["check"], ["check", "--json"],
        ["get", Hostile],
        ["get", Hostile, "--json"],
        ["get", Hostile, "--hex"],
        ["get", Hostile + "x"],
        ["get", "k", "--tree", Hostile + "x"],
        ["scan"], ["scan", "--json"], ["scan", "--hex"], ["scan", "--keys-only"], ["scan", "--tree", Hostile + "y"],
        ["dump"],
        ["dump", "--print"],
        ["dump", "--all"],
        ["dump", "--all", "--format", "jsonl"],
        ["dump", "--format", "escaped"],
        ["dump", "--format", "tsv"],
        ["dump", Hostile], ["dump", Hostile + "y"],
        ["stat", "--tree", Hostile + "z"], ["del", Hostile + "x"], ["del", "k", "--tree", Hostile + "x"],
        ["put", "k", "--from", Hostile], ["put", new string('k', 2000) + Hostile, "v"],
        ["load", Hostile + ".tsv"],
        ["load", Hostile + ".what"],
        ["load", "x.tsv", "--" + Hostile],
        ["load", "x.tsv", "--format", Hostile],
        ["import", Hostile], ["copy", Hostile + "/b"], ["pages", "--html", Hostile + "/x.html"],
    ];

    [SetUp]
    public void MakeDatabase()
    {
        using Database database = Engine.Database.Open(Database);
        using WriteTransaction transaction = database.BeginWrite();
        byte[] hostile = Encoding.UTF8.GetBytes(Hostile);
        transaction.Main.Put(hostile, hostile);
        transaction[transaction.CreateTree(Hostile)].Put(hostile, hostile);
        transaction.Commit();
    }

    [TestCaseSource(nameof(Commands))]
    public void NoCommand_PassesControlCharactersOn(params string[] command)
    {
        string[] arguments = [command[0], Database, .. command[1..]];
        ExpectHarmless(RunOnTerminal(100, arguments), arguments);
        ExpectHarmless(RunOnTerminal(30, arguments), arguments);
    }

    [TestCaseSource(nameof(Commands))]
    public void NoReportInAPipe_PassesControlCharactersOn(params string[] command)
    {
        // What is data in a pipe goes as it is.
        bool isVerbatim = command is ["get", ..] && !command.Contains("--json") && !command.Contains("--hex")
            || command is ["dump", .., "--format", "tsv"] || command is ["dump", "--all"]
                || command is ["dump", Hostile];
        if (!isVerbatim)
            ExpectHarmless(Run([command[0], Database, .. command[1..]]), command);
    }

    [Test]
    public void Names_AreShownInFull()
    {
        foreach (string command in (string[])["stat", "trees", "check"])
            Assert.That(Run(command, Database).Output.Split('\n'),
                Has.Some.Contains(ShownForms[0]).Or.Some.Contains("ok"), command);
        Assert.That(Run("stat", Database).Expect(0).Output, Does.Contain("\n" + ShownForms[0] + " "));
        Run("stat", Database, "--tree", ShownForms[0]).Expect(0);
        Run("scan", Database, "--tree", "nobody" + Hostile).ExpectError(1, "nobody" + ShownForms[0]);
    }

    [Test]
    public void TheShell_PassesNoControlCharactersOn([Values] bool isInteractive)
    {
        byte[] script = Encoding.UTF8.GetBytes(
            $"use {Hostile}\nget {Hostile}\nscan\ntrees\nput {new string('k', 2000)} v\n{Hostile}\nuse "
            + $"{Hostile}y\nscan\ncheck\n");
        using var output = new MemoryStream();
        using var error = new StringWriter { NewLine = "\n" };
        Engine.Cli.App.Run(["shell", Database], new CommandContext
        {
            Input = new MemoryStream(script),
            Output = new Output(output, isInteractive ? 80 : 0),
            Error = error,
            IsInteractive = isInteractive,
            Progress = new LineProgressReporter(error, TimeProvider.System),
        });
        string shown = Encoding.UTF8.GetString(output.ToArray());
        Assert.That(shown.EnumerateRunes().Where(rune => rune.Value != '\n' && !ReadableText.Prints(rune)), Is.Empty,
            shown);
        if (!isInteractive)
            Assert.That(shown.Where(c => c > '~'), Is.Empty, "the protocol is ASCII");
    }

    [Test]
    public void Progress_PassesNoControlCharactersOn()
    {
        using var error = new StringWriter { NewLine = "\n" };
        var time = new ManualTime();
        new LineProgressReporter(error, time).Run($"loading {Hostile}", 10, progress =>
        {
            time.Advance(TimeSpan.FromSeconds(3));
            progress(1, 1);
            return 0;
        });
        Assert.That(error.ToString(), Does.StartWith($"loading {ShownForms[0]}: "));
    }

    /// <summary>The tool's own bold print and colours. The hostile names have another sequence.</summary>
    [GeneratedRegex("\u001b\\[[0-9;]*m")]
    private static partial Regex Styles();

    private static void ExpectHarmless(CliResult result, string[] command)
    {
        string what = string.Join(' ', command.Select(ReadableText.Escape));
        string shown = Styles().Replace(result.Output, "") + result.Error;
        Assert.That(shown.EnumerateRunes().Where(rune => rune.Value is not ('\n' or '\t')
            && !ReadableText.Prints(rune)), Is.Empty, what);
        Assert.That(result.Error, Does.Not.Contain("internal error"), what);
    }
}
