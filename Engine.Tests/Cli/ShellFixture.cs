namespace Engine.Tests.Cli;

/// <summary>Sends scripts to <c>engine shell</c>, always on the same database.</summary>
internal abstract class ShellFixture : CliFixture
{
    private string Database => InFolder("shell.db");

    /// <summary>Runs one session; the lines of all replies.</summary>
    protected string[] Send(string script, params string[] options) =>
        RunWithInput(script, ["shell", Database, .. options])
            .Expect(0)
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
