using Engine.Extensions.Hosting.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Engine.Extensions.Hosting.Tests;

/// <summary>The health check of a database in a host.</summary>
public class HealthCheckTests : HostingTest
{
    [Test]
    public async Task Check_BeforeAndAfter_IsUnhealthy_AndOpensNothing()
    {
        using var host = Build(services => services.AddEngine("test.db").AddHealthChecks().AddEngine());
        var health = host.Services.GetRequiredService<HealthCheckService>();

        Assert.That((await health.CheckHealthAsync()).Status, Is.EqualTo(HealthStatus.Unhealthy));
        Assert.That(Directory.GetFileSystemEntries(Folder.Root), Is.Empty);
        await host.StartAsync();
        Assert.That((await health.CheckHealthAsync()).Status, Is.EqualTo(HealthStatus.Healthy));
        await host.StopAsync();
        Assert.That((await health.CheckHealthAsync()).Status, Is.EqualTo(HealthStatus.Unhealthy));
    }

    [Test]
    public async Task Check_OfADiskThatIsNearlyFull_IsDegraded()
    {
        using var host = Build(services => services
            .AddEngine(static options =>
            {
                options.Path = "test.db";
                options.Health.MinFreeDiskBytes = long.MaxValue;
            })
            .AddHealthChecks().AddEngine());
        await host.StartAsync();

        var entry = (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["engine"];
        Assert.That(entry.Status, Is.EqualTo(HealthStatus.Degraded));
        Assert.That(entry.Data["freeDiskBytes"], Is.GreaterThan(0));
    }

    [Test]
    public async Task Check_OfDatabasesWithKeys_IsOneForEach()
    {
        using var host = Build(services => services
            .AddKeyedEngine("a", static options => options.InMemory = true)
            .AddKeyedEngine("b", static options => options.InMemory = true)
            .AddHealthChecks()
            .AddEngine("a")
            .AddEngine("b", name: "the other", tags: ["ready"]));
        await host.StartAsync();
        host.Services.GetRequiredKeyedService<Database>("a").Dispose();

        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.That(report.Entries["engine-a"].Status, Is.EqualTo(HealthStatus.Unhealthy));
        Assert.That(report.Entries["the other"].Status, Is.EqualTo(HealthStatus.Healthy));
        Assert.That(report.Entries["the other"].Tags, Is.EqualTo(new[] { "ready" }));
    }

    [TestCase(null, "AddEngine")]
    [TestCase("other", "'other'")]
    public void Check_WithoutADatabase_SaysWhatIsMissing(string? key, string message)
    {
        using var host = Build(services => services.AddHealthChecks().AddEngine(key));

        Assert.That(
            () => host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(),
            Throws.InvalidOperationException.With.Message.Contains(message));
    }

    [Test]
    public async Task Check_OfAReaderThatKeepsPages_NamesIt()
    {
        using var host = Build(services => services
            .AddEngine(static options =>
            {
                options.InMemory = true;
                options.Health.MaxPinnedPages = 0;
                options.Health.SampleInterval = TimeSpan.FromMilliseconds(100);
            })
            .AddHealthChecks().AddEngine());
        await host.StartAsync();
        var database = host.Services.GetRequiredService<Database>();
        Put(database, 1);
        using var snapshot = database.OpenSnapshot();
        snapshot.Tag = "forgotten report";
        for (var i = 0; i < 10; i++)
        {
            Put(database, i);
        }

        var health = host.Services.GetRequiredService<HealthCheckService>();
        var patience = DateTime.UtcNow.AddSeconds(30);
        HealthReport report;
        do
        {
            Assert.That(DateTime.UtcNow, Is.LessThan(patience), "it is not found");
            await Task.Delay(50);
            report = await health.CheckHealthAsync();
        }
        while (report.Status != HealthStatus.Degraded || !Log.EventNames.Contains("Degraded"));

        Assert.That(report.Entries["engine"].Description, Does.Contain("forgotten report"));
        Assert.That(Log.Single("Degraded").Message, Does.Contain("forgotten report"));
    }
}
