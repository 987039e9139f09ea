using System.Globalization;
using Engine.Tests.Infrastructure;
using Engine.Tests.Storage;

namespace Engine.Tests.Processes;

/// <summary>
/// As the kernel sees it: before a commit is acknowledged, a flush that began after its last write has succeeded.
/// </summary>
[Category(Categories.Process), NonParallelizable]
public class FlushOrderTests
{
    [TestCaseSource(typeof(Acknowledgements), nameof(Acknowledgements.Kinds))]
    public void Acknowledgement_ComesAfterAFlushThatCoversEveryWrite(string kind)
    {
        var count = kind switch { "close" => 1, "ordered" => 3, _ => 10 };
        Machine.Need("strace", "-y", "-o", "/dev/null", "true");
        using var directory = new TempDirectory();
        var file = directory.File("trace");
        using (var helper = HelperProcess.Start(
            "strace",
            "-f",
            "-y",
            "-qq",
            "-s",
            "100",
            "-o",
            file,
            "--trace=pwrite64,pwritev,pwritev2,write,fdatasync,fsync"))
        {
            helper.Do($"db-open {directory.DatabasePath}");
            helper.Send(string.Create(CultureInfo.InvariantCulture, $"db-acknowledge {kind} {count}"));
            string line;
            while ((line = helper.ReadLine()) != "ok")
            {
                Assert.That(line, Does.StartWith("ack ").Or.StartWith("visible "));
            }

            helper.End();
        }

        var lines = File.ReadAllLines(file);
        var said = FlushTrace.Parse(lines, directory.DatabasePath);
        var acknowledged = said.Where(item => item.Text.StartsWith("ack ", StringComparison.Ordinal)).ToList();
        TestContext.Out.WriteLine(string.Join('\n', acknowledged));
        Assert.That(acknowledged, Has.Count.EqualTo(count));
        Assert.That(acknowledged.Select(item => item.Unflushed), Is.All.Zero);
        var opened = said.Single(
            item =>
                item.Text == "ok" && item.Writes <= acknowledged[0].Writes && item.Flushes < acknowledged[0].Flushes);
        foreach (var (before, after) in acknowledged.Prepend(opened).Zip(acknowledged))
        {
            Assert.That(after.Writes, Is.GreaterThan(before.Writes), "what is acknowledged was written");
            Assert.That(after.Flushes, Is.GreaterThan(before.Flushes));
        }

        // What the check would say of deferred commits, and of an engine that does not flush.
        var visible = said.Where(item => item.Text.StartsWith("visible ", StringComparison.Ordinal)).ToList();
        Assert.That(visible.Select(item => item.Unflushed), Is.All.Positive);
        var lazy = FlushTrace.Parse(
            lines.Where(line => !line.Contains("fdatasync", StringComparison.Ordinal)), directory.DatabasePath);
        Assert.That(
            lazy.Where(item => item.Text.StartsWith("ack ", StringComparison.Ordinal)).Select(item => item.Unflushed),
            Is.All.Positive);
    }
}
