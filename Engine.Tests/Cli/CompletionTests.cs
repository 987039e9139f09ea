namespace Engine.Tests.Cli;

internal sealed class CompletionTests : CliFixture
{
    [Test]
    public void AnEmptyWord_OffersEveryCommandOfTheHelp()
    {
        var help = Run("--help").Expect(0).Output;
        var commands = Complete("");

        Assert.That(commands, Has.Length.GreaterThan(25).And.Contains("load").And.Contains("completion"));
        Assert.That(commands.Where(command => !help.Contains($"\n  {command} ", StringComparison.Ordinal)), Is.Empty);
    }

    [TestCase("demo", "de", "demo del")]
    [TestCase("one within a command", "snapshot ro", "rollback")]
    [TestCase("after a switch", "load --hex x.db x.tsv --form", "--format")]
    [TestCase("a value", "load x.db x.tsv --format j", "jsonl")]
    [TestCase("after a value", "load x.db x.tsv --format jsonl --tr", "--tree")]
    [TestCase("a value that looks like an option", "scan x.db --from --to --pre", "--prefix")]
    [TestCase("an argument with a list", "completion z", "zsh")]
    [TestCase("a path", "load w", "")]
    [TestCase("a value without a list", "load x.db x.tsv --tree w", "")]
    [TestCase("an option that is given", "load x.db x.tsv --format jsonl --form", "")]
    [TestCase("after the end of options", "del x.db -- --", "")]
    [TestCase("an unknown command", "frobnicate --", "--help --version")]
    [TestCase("another case", "LO", "")]
    public void Words_AreCompletedWhereTheyStand(string what, string words, string expected) => Assert.That(
        Complete(words.Split(' ')), Is.EquivalentTo(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries)), what);

    [Test]
    public void NoWord_IsLikeAnEmptyOne() => Assert.That(Complete(), Is.EqualTo(Complete("")));

    [Test]
    public void Candidates_AreDescribed() => Assert.That(
        Run("complete", "--", "snapshot", "cr").Expect(0).Output, Is.EqualTo("create\tName the newest state\n"));

    [TestCase("bash")]
    [TestCase("zsh")]
    [TestCase("powershell")]
    public void Script_AsksTheTool(string shell) =>
        Assert.That(Run("completion", shell).Expect(0).Output, Does.Contain(" complete ").And.EndWith("\n"));

    [TestCase("fish")]
    [TestCase("Bash")]
    [TestCase("")]
    public void AnUnknownShell_IsAUsageErrorThatListsTheKnownOnes(string shell) =>
        Run("completion", shell).ExpectError(2, $"'{shell}': give bash, zsh or powershell");

    [Test]
    public void Help_DoesNotShowWhatOnlyScriptsCall() =>
        Assert.That(Run("--help").Expect(0).Output, Does.Not.Contain("\n  complete "));

    private static string[] Complete(params string[] words) =>
        [.. Run(["complete", "--", .. words]).Expect(0).OutputLines.Select(static line => line.Split('\t')[0])];
}
