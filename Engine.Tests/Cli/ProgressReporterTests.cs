using Engine.Cli.Shared;
using Engine.Tests.Infrastructure;
using Spectre.Console;

namespace Engine.Tests.Cli;

[Category(Categories.Cli)]
internal sealed class ProgressReporterTests
{
    [Test]
    public void Lines_ComeMoreAndMoreRarelyAndNotForShortWork()
    {
        var error = new StringWriter { NewLine = "\n" };
        var time = new ManualTime();
        long result = new LineProgressReporter(error, time).Run("loading x", 1400, progress =>
        {
            for (int i = 1; i <= 140; i++)
            {
                time.Advance(TimeSpan.FromMilliseconds(50));
                progress(i * 100, i * 10);
            }

            return 42L;
        });
        Assert.That(result, Is.EqualTo(42));
        Assert.That(
            error.ToString(),
            Is.EqualTo("loading x: 4,000 entries, 28.6 %, 2,000/s\nloading x: 8,000 entries, 57.1 %, 2,000/s\n"));
    }

    [Test]
    public void Lines_WhenTheTotalIsUnknown_LeaveTheShareOut()
    {
        var error = new StringWriter { NewLine = "\n" };
        var time = new ManualTime();
        new LineProgressReporter(error, time).Run("loading x", null, progress =>
        {
            time.Advance(TimeSpan.FromSeconds(4));
            progress(1, 10);
            return 0;
        });
        Assert.That(error.ToString(), Is.EqualTo("loading x: 1 entry, 0.3/s\n"));
    }

    [Test]
    public void Terminal_LetsTheFailureOfTheWorkThrough([Values(100L, null)] long? total)
    {
        IAnsiConsole console = SpectreConsole.ForError(new StringWriter(), terminalWidth: 80);
        var reporter = new TerminalProgressReporter(console, TimeProvider.System);
        Assert.That(reporter.Run("loading [x]", total, progress => { progress(5, 50); return 7; }), Is.EqualTo(7));
        Assert.That(
            () => reporter.Run<int>("loading [x]", total, _ => throw new UsageException("no")),
            Throws.TypeOf<UsageException>());
    }
}
