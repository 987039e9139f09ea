using System.Globalization;
using Engine.Tests.Infrastructure;
using Outbox;

namespace Engine.Tests.Samples;

/// <summary>The sample <c>samples/Outbox</c> is killed: what it acknowledged is delivered all the same.</summary>
[Category(Categories.Process), NonParallelizable]
public class OutboxKillTests
{
    private const string Acknowledgement = "order ";

    [Test]
    public async Task Program_ThatIsKilled_DeliversWhatItAcknowledged_InOrder()
    {
        using var directory = new TempDirectory();
        var settings = new Settings(
            Clients: 0, Seconds: 0, Customers: 20, Parallel: 4, Failing: 20, Report: false, directory.Root);
        var acknowledged = new HashSet<long>();
        for (var kill = 0; kill < 3; kill++)
        {
            using var sample = SampleProcess.Start(
                typeof(MessageOutbox), "--seconds", "600", "--clients", "8", "--customers", "20", "--parallel", "4",
                "--failing", "20", "--report", "--directory", directory.Root);
            for (var orders = 0; orders < 200; orders++)
            {
                Note(acknowledged, sample.ReadLine());
            }

            sample.Kill();
            while (sample.ReadLine() is { } line)
            {
                Note(acknowledged, line);
            }
        }

        Assert.That(acknowledged, Has.Count.GreaterThanOrEqualTo(600));

        // Whose process was killed may hold its locks for a moment.
        Patience.Until(() => CanBeOpened(settings.Database), "the lock falls");
        var audit = await new Simulation(settings, TextWriter.Null).RunAsync();
        Assert.That(audit.Orders, Is.GreaterThanOrEqualTo(acknowledged.Count));

        // The audit has compared the orders that are there with the deliveries; those that were acknowledged are there.
        await using var database = Database.Open(settings.Database);
        var shop = new Shop(database, new MessageOutbox(database));
        acknowledged.ExceptWith(shop.List().Select(static order => order.Number));
        Assert.That(acknowledged, Is.Empty);
        Assert.That(database.Check().IsOk);
    }

    private static void Note(HashSet<long> acknowledged, string? line)
    {
        Assert.That(line, Does.StartWith(Acknowledgement));
        acknowledged.Add(long.Parse(line.AsSpan(Acknowledgement.Length), CultureInfo.InvariantCulture));
    }

    private static bool CanBeOpened(string path)
    {
        try
        {
            Database.Open(path).Dispose();
            return true;
        }
        catch (DatabaseBusyException)
        {
            return false;
        }
    }
}
