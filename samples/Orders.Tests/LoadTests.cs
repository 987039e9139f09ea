using System.CommandLine;

namespace Orders.Tests;

/// <summary>The load generator runs and verifies.</summary>
[Category("Process"), NonParallelizable]
public class LoadTests
{
    [Test]
    public async Task Load_RunForASecond_ReportsAndVerifies()
    {
        using var output = new StringWriter();
        var exitCode = await LoadCommand.Create().Parse(["--clients", "8", "--seconds", "1"]).InvokeAsync(
            new InvocationConfiguration { Output = output });

        Assert.That(exitCode, Is.Zero);
        Assert.That(output.ToString(), Does.Contain("requests/s").And.Contain("verified: "));
    }

    [TestCase("--clients", "0")]
    [TestCase("--clients", "5000")]
    [TestCase("--seconds", "-1")]
    public async Task Load_WithANumberOutOfBounds_SaysTheBounds(string option, string value)
    {
        using var errors = new StringWriter();
        var exitCode = await LoadCommand.Create().Parse([option, value]).InvokeAsync(
            new InvocationConfiguration { Output = TextWriter.Null, Error = errors });

        Assert.That(exitCode, Is.Not.Zero);
        Assert.That(errors.ToString(), Does.Contain($"{option} is a number"));
    }
}
