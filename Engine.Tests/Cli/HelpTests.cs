namespace Engine.Tests.Cli;

internal sealed class HelpTests : CliFixture
{
    [TestCase("load")]
    [TestCase("get")]
    [TestCase("put")]
    [TestCase("del")]
    [TestCase("scan")]
    [TestCase("sequences")]
    [TestCase("sequence")]
    [TestCase("stat")]
    [TestCase("info")]
    [TestCase("trees")]
    [TestCase("tree")]
    [TestCase("pages")]
    [TestCase("page")]
    [TestCase("space")]
    [TestCase("readers")]
    [TestCase("check")]
    [TestCase("dump")]
    [TestCase("copy")]
    [TestCase("upgrade")]
    [TestCase("backup")]
    [TestCase("restore")]
    [TestCase("verify")]
    [TestCase("import")]
    [TestCase("shell")]
    [TestCase("demo")]
    [TestCase("completion")]
    public void EveryCommand_ShowsAnExample(string command)
    {
        Assert.That(Run(command, "--help").Expect(0).Output, Does.Contain("Example").And.Contain("engine " + command));
        Assert.That(Run("--help").Expect(0).Output, Does.Contain($"  {command} <"), "the overview lists it");
    }

    [Test]
    public void Help_DocumentsTheExitCodes() =>
        Assert.That(Run("--help").Expect(0).Output, Does.Contain("Exit codes:").And.Contain("130"));

    [Test]
    public void Version_IsThatOfTheTool() =>
        Assert.That(Run("--version").Expect(0).Output, Does.Match(@"^\d+\.\d+\.\d+"));

    [Test]
    public void NoCommand_IsAUsageError() => Run().ExpectError(2, "engine --help");

    [Test]
    public void AnUnknownCommand_IsNamed() => Run("frobnicate").ExpectError(2, "'frobnicate'");

    [Test]
    public void AMissingArgument_IsNamedWithTheHelpToReadNext() =>
        Run("get", "x.db").ExpectError(2, "engine get --help");
}
