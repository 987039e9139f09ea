using Engine.Extensions.Hosting.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Engine.Extensions.Hosting.Tests;

/// <summary>A database that cannot be opened ends the start of the host, and the log says why.</summary>
public class OpeningTests : HostingTest
{
    [Test]
    public async Task Start_WithAFileThatIsOpenElsewhere_FailsAsBusy()
    {
        using var other = Database.Open(Folder.DatabasePath);
        await StartFailsAsync<DatabaseBusyException>(Folder.DatabasePath);
    }

    [Test]
    public async Task Start_WithoutTheDirectory_SaysThatItIsMissing()
    {
        var error = await StartFailsAsync<DatabaseNotFoundException>("missing/test.db");
        Assert.That(error.Message, Does.Contain("missing"));
    }

    [Test]
    public async Task Start_WithADirectoryInPlaceOfTheFile_SaysSo()
    {
        Directory.CreateDirectory(Folder.DatabasePath);
        Assert.That((await StartFailsAsync<DatabaseAccessException>("test.db")).Message, Does.Contain("directory"));
    }

    [Test]
    public async Task Start_InADirectoryWithoutRights_SaysSo()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("/sys is where nobody may make a file, root included");
        }

        await StartFailsAsync<DatabaseAccessException>("/sys/kernel/test.db");
    }

    [Test]
    public async Task Start_WithAFileThatIsNoDatabase_SaysSo()
    {
        File.WriteAllText(Folder.DatabasePath, new string('x', 100_000));
        await StartFailsAsync<DatabaseFormatException>("test.db");
        Assert.That(File.ReadAllText(Folder.DatabasePath), Is.EqualTo(new string('x', 100_000)));
    }

    private async Task<T> StartFailsAsync<T>(string path)
        where T : DatabaseException
    {
        var isStarted = false;
        using var host = Build(services =>
        {
            services.AddHostedService(_ => new Starting(() => isStarted = true));
            services.AddEngine(path);
        });

        var error = (await Assert.ThrowsAsync<T>(() => host.StartAsync()))!;

        var entry = Log.Entries.Single();
        Assert.That((entry.Id.Name, entry.Level), Is.EqualTo(("OpenFailed", LogLevel.Critical)));
        Assert.That(entry.Exception, Is.SameAs(error));
        Assert.That(entry.Message, Does.Contain(Path.GetFullPath(path, Folder.Root)));
        Assert.That(isStarted, Is.False);
        return error;
    }

    private sealed class Starting(Action start) : Microsoft.Extensions.Hosting.BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken)
        {
            start();
            return Task.CompletedTask;
        }
    }
}
