using System.Text;

namespace Engine.Tests.Cli;

/// <summary>What one run of the tool gave.</summary>
internal sealed record CliResult(int ExitCode, byte[] OutputBytes, string Error)
{
    public string Output => Encoding.UTF8.GetString(OutputBytes);

    public string[] OutputLines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Fails with everything that helps to see why.</summary>
    public CliResult Expect(int exitCode)
    {
        Assert.That(ExitCode, Is.EqualTo(exitCode), $"output: {Output}{Environment.NewLine}error: {Error}");
        return this;
    }

    /// <summary>Expects a failure that says why in one line.</summary>
    public CliResult ExpectError(int exitCode, string part)
    {
        Expect(exitCode);
        Assert.That(Error, Does.StartWith("engine: ").And.Contain(part));
        Assert.That(Error.TrimEnd('\n').Split('\n'), Has.Length.EqualTo(1), "an error is one line");
        return this;
    }
}
