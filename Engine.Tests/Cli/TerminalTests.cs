using System.Diagnostics;
using Engine.Cli.Shared;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli;

[Category(Categories.Process), NonParallelizable]
internal sealed class TerminalTests : CliFixture
{
    [TestCase(0, 80)]
    [TestCase(-1, 80)]
    [TestCase(1, 20)]
    [TestCase(20, 20)]
    [TestCase(132, 132)]
    public void Columns_OfATerminalThatDoesNotKnow_AreTheUsualOnes(int reported, int columns) =>
        Assert.That(Terminal.Columns(reported), Is.EqualTo(columns));

    [Test]
    public void ATerminalOfWidthZero_ShowsEverything()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Ignore("script of util-linux makes the terminal");
        string database = InFolder("a.db");
        Run("put", database, "k", "v", "--tree", "some-tree").Expect(0);
        string output;
        try
        {
            // Without a terminal of its own, script makes one of 0 columns and 0 rows.
            var start = new ProcessStartInfo("script",
                ["-qec", $"'{ToolProcess.Host}' exec '{ToolProcess.Assembly}' stat '{database}'", "/dev/null"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["NO_COLOR"] = "1";
            start.Environment.Remove("COLUMNS");
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("needs script of util-linux");
            throw;
        }

        Assert.That(output, Does.Contain("some-tree"), "at 20 columns the name is broken over several lines");
        Assert.That(output.Split('\n').Max(line => line.TrimEnd().Length), Is.GreaterThan(40));
    }
}
