using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace OrdersCluster.Tests;

/// <summary>The command starts everything, and whatever ends it, nothing stays.</summary>
[Category("Process"), NonParallelizable]
public partial class LaunchTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [TestCase("-INT")]
    [TestCase("-TERM")]
    public async Task Cluster_ToldToEnd_EndsInOrder_AndLeavesNothing(string signal)
    {
        ClusterFixture.RequireProgram();
        var (launcher, text) = await StartAsync();
        using (launcher)
        {
            await SendAsync(signal, launcher.Id);
            text += await launcher.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
            await launcher.WaitForExitAsync().WaitAsync(Patience);
        }

        Assert.That(text, Does.Contain("all have ended"));
        Assert.That(Processes(text).Where(IsRunning), Is.Empty);
        Assert.That(Directory.Exists(FolderIn(text)), Is.False);
    }

    [Test]
    public async Task Cluster_WhoseLauncherIsKilled_EndsAllTheSame()
    {
        ClusterFixture.RequireProgram();
        var (launcher, text) = await StartAsync();
        using (launcher)
        {
            launcher.Kill();
            await launcher.WaitForExitAsync().WaitAsync(Patience);
        }

        Assert.That(() => Processes(text).Any(IsRunning), Is.False.After((int)Patience.TotalMilliseconds, 100));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(FolderIn(text), "node-1", "node.log")),
            Does.Contain("node-1 is closed"));
        Directory.Delete(FolderIn(text), recursive: true);
    }

    private static async Task<(Process Launcher, string Text)> StartAsync()
    {
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "OrdersCluster.dll"), "--url", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
        };
        var launcher = Process.Start(start)!;
        var text = "";
        while (await launcher.StandardOutput.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            text += $"{line}\n";
            if (line.StartsWith("Ctrl-C", StringComparison.Ordinal))
            {
                Assert.That(Processes(text).Count(IsRunning), Is.EqualTo(6));
                return (launcher, text);
            }
        }

        throw new InvalidOperationException($"The launcher has ended: {text}");
    }

    private static async Task SendAsync(string signal, int process)
    {
        using var kill = Process.Start("kill", [signal, process.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private static IEnumerable<int> Processes(string text) =>
        Ids().Matches(text).Select(static match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));

    private static string FolderIn(string text) => Folders().Match(text).Groups[1].Value;

    private static bool IsRunning(int process) => Directory.Exists($"/proc/{process}");

    [GeneratedRegex("^  (?:server|node)-[0-9]  process ([0-9]+)", RegexOptions.Multiline)]
    private static partial Regex Ids();

    [GeneratedRegex("data and logs: (.*)")]
    private static partial Regex Folders();
}
