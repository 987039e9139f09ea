using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Engine.Extensions.Hosting.Tests.Infrastructure;
using Engine.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Engine.Extensions.Hosting.Tests;

/// <summary>What is logged of a database.</summary>
public partial class LogTests : HostingTest
{
    [Test]
    public async Task Host_LogsOpeningAndClosing()
    {
        using var host = Build(services => services.AddEngine("test.db"));
        await host.StartAsync();
        await host.StopAsync();

        Assert.That(Log.EventNames, Is.EqualTo(new[] { "Opened", "Closed" }));
        Assert.That(Log.Entries.Select(static entry => entry.Level), Is.All.EqualTo(LogLevel.Information));
        Assert.That(Log.Entries.Select(static entry => entry.Message), Is.All.Contain(Folder.DatabasePath));
        Assert.That(Log.Single("Opened").Message, Does.Match("in [0-9.]+ ms: transaction [0-9]+, [0-9]+ bytes"));
    }

    [Test]
    public async Task Host_LogsARecovery()
    {
        Database.Open(Folder.DatabasePath).Dispose();
        using (var file = new FileStream(Folder.DatabasePath, FileMode.Open))
        {
            // One of the two metas decays.
            file.Position = 4096 + 100;
            file.WriteByte((byte)(file.ReadByte() ^ 0xFF));
        }

        using var host = Build(services => services.AddEngine("test.db"));
        await host.StartAsync();

        var entry = Log.Single("Recovered");
        Assert.That(entry.Level, Is.EqualTo(LogLevel.Warning));
        Assert.That(
            entry.Message, Does.Contain(host.Services.GetRequiredService<Database>().Recovery!.ToString()));
    }

    [Test]
    public async Task Host_LogsALeak_WithTheCallerWhoForgot()
    {
        using var host = Build(services => services.AddEngine(static options =>
        {
            options.InMemory = true;
            options.TrackTransactions = true;
        }));
        await host.StartAsync();
        Forget(host.Services.GetRequiredService<Database>());

        await host.StopAsync();

        var entry = Log.Single("TransactionForgotten");
        Assert.That(entry.Level, Is.EqualTo(LogLevel.Warning));
        Assert.That(entry.Message, Does.Contain(nameof(Forget)).And.Contain("snapshot"));
    }

    [Test]
    public async Task Host_LogsDeferredCommitsThatAreLost()
    {
        using var host = Build(services => services.AddEngine(options =>
        {
            options.Path = "test.db";
            options.FlushInterval = Timeout.InfiniteTimeSpan;
        }));
        await host.StartAsync();
        Put(host.Services.GetRequiredService<Database>(), 1, CommitMode.Deferred);
        File.Delete(Folder.DatabasePath);

        Assert.That(() => host.StopAsync(), Throws.Exception);

        var entry = Log.Single("CloseFailed");
        Assert.That(entry.Level, Is.EqualTo(LogLevel.Critical));
        Assert.That(entry.Exception, Is.TypeOf<DatabasePoisonedException>());
    }

    [Test]
    public void Events_AreThoseOfTheReadme()
    {
        var readme = File.ReadAllText(
            Path.Combine(RepositoryFiles.Root, "extensions", "Engine.Extensions.Hosting", "README.md"));
        var documented = Row().Matches(readme).Select(static row =>
            (int.Parse(row.Groups[1].Value), row.Groups[2].Value, Enum.Parse<LogLevel>(row.Groups[3].Value)));
        var events = typeof(HostedDatabaseLog).GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Select(static method => (Method: method, Event: method.GetCustomAttribute<LoggerMessageAttribute>()!))
            .Select(static logged => (logged.Event.EventId, logged.Method.Name, logged.Event.Level));

        Assert.That(documented, Is.EqualTo(events));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget(Database database) => database.OpenSnapshot();

    [GeneratedRegex(@"^\| ([0-9]+) \| `(\w+)` \| (\w+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
