using Engine.Extensions.Hosting.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Engine.Extensions.Hosting.Tests;

/// <summary>When the database of a host is opened, and when it is closed.</summary>
public class LifetimeTests : HostingTest
{
    [Test]
    public async Task Start_OpensTheDatabaseBeforeAnyServiceStarts()
    {
        var isThere = false;
        using var host = Build(services =>
        {
            services.AddHostedService(_ => new Service(start: () => isThere = File.Exists(Folder.DatabasePath)));
            services.AddEngine("test.db");
        });
        Assert.That(File.Exists(Folder.DatabasePath), Is.False);

        await host.StartAsync();

        Assert.That(isThere, Is.True);
        var database = host.Services.GetRequiredService<Database>();
        Assert.That(database.Path, Is.EqualTo(Folder.DatabasePath));
        Assert.That(host.Services.GetRequiredService<Database>(), Is.SameAs(database));
    }

    [Test]
    public async Task Stop_MakesDeferredCommitsDurableAndLetsTheFileGo()
    {
        using var host = Build(services => services.AddEngine(options =>
        {
            options.Path = "test.db";
            options.FlushInterval = Timeout.InfiniteTimeSpan;
        }));
        await host.StartAsync();
        Put(host.Services.GetRequiredService<Database>(), 7, CommitMode.Deferred);

        await host.StopAsync();

        Assert.That(GetFromFile(), Is.EqualTo(7));
        Assert.That(() => Get(host.Services.GetRequiredService<Database>()), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public async Task Stop_OfServices_ComesBeforeTheDatabaseIsClosed([Values] bool concurrently)
    {
        using var host = Build(services =>
        {
            services.Configure<HostOptions>(options => options.ServicesStopConcurrently = concurrently);
            AddStop(services, static database => Put(database, 8));
            services.AddEngine("test.db");
            AddStop(services, static database => Put(database, Get(database)));
        });
        await host.StartAsync();

        await host.StopAsync();

        Assert.That(GetFromFile(), Is.EqualTo(8).Or.EqualTo(concurrently ? -1 : 8));

        static void AddStop(IServiceCollection services, Action<Database> stop) =>
            services.AddSingleton<IHostedService>(
                provider => new Service(stop: () => stop(provider.GetRequiredService<Database>())));
    }

    [Test]
    public async Task Stop_WithoutPatience_ClosesTheDatabaseNevertheless()
    {
        using var host = Build(services => services.AddEngine("test.db"));
        await host.StartAsync();
        Put(host.Services.GetRequiredService<Database>(), 9, CommitMode.Deferred);

        await host.StopAsync(new CancellationToken(canceled: true));

        Assert.That(GetFromFile(), Is.EqualTo(9));
    }

    [Test]
    public async Task Stop_WhileAWriteTransactionIsOpen_UndoesIt()
    {
        using var host = Build(services => services.AddEngine("test.db"));
        await host.StartAsync();
        var database = host.Services.GetRequiredService<Database>();
        Put(database, 1);
        using var transaction = database.BeginWrite();
        Put(transaction, 2);
        var waiting = database.WriteAsync(3L, static (tx, value) => Put(tx, value)).AsTask();

        await host.StopAsync();

        Assert.That(() => transaction.Commit(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(async () => await waiting, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(GetFromFile(), Is.EqualTo(1));
    }

    [Test]
    public async Task Stop_WhileManyWrite_KeepsAllThatWasAcknowledged()
    {
        using var host = Build(services => services.AddEngine("test.db"));
        await host.StartAsync();
        var database = host.Services.GetRequiredService<Database>();
        var acknowledged = 0L;
        var begun = new TaskCompletionSource();
        var writer = Task.Run(async () =>
        {
            while (true)
            {
                await database.WriteAsync(acknowledged + 1, static (tx, value) => Put(tx, value));
                acknowledged++;
                begun.TrySetResult();
            }
        });
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await host.StopAsync();

        Assert.That(async () => await writer, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(GetFromFile(), Is.EqualTo(acknowledged).Or.EqualTo(acknowledged + 1));
    }

    [Test]
    public void Start_ThatWasCancelledBefore_OpensNothing()
    {
        using var host = Build(services => services.AddEngine("test.db"));

        Assert.That(
            () => host.StartAsync(new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(File.Exists(Folder.DatabasePath), Is.False);
    }

    [Test]
    public void Start_ThatIsCancelledMeanwhile_LeavesNothingOpen()
    {
        using var cancel = new CancellationTokenSource();
        using var host = Build(services => services.AddEngine("test.db"));
        Log.Logged = _ => cancel.Cancel();

        Assert.That(() => host.StartAsync(cancel.Token), Throws.InstanceOf<OperationCanceledException>());

        Assert.That(GetFromFile(), Is.EqualTo(-1));
        Assert.That(Log.EventNames, Is.EqualTo(new[] { "Opened", "Closed" }));
    }

    [Test]
    public async Task Service_ThatTakesTheDatabaseInItsConstructor_HasItOpen()
    {
        using var host = Build(services =>
        {
            services.AddHostedService(
                provider => new Service(database: provider.GetRequiredService<Database>(), stop: () => { }));
            services.AddEngine("test.db");
        });

        await host.StartAsync();

        Assert.That(Log.EventNames, Is.EqualTo(new[] { "Opened" }));
        await host.StopAsync();
        Assert.That(GetFromFile(), Is.EqualTo(-1));
    }

    [Test]
    public async Task Provider_WithoutAHost_OpensOnRequestAndClosesAtItsEnd([Values] bool asynchronously)
    {
        var services = new ServiceCollection().AddEngine(Folder.DatabasePath);
        var provider = services.BuildServiceProvider();
        Assert.That(File.Exists(Folder.DatabasePath), Is.False);
        Put(provider.GetRequiredService<Database>(), 5, CommitMode.Deferred);

        if (asynchronously)
        {
            await provider.DisposeAsync();
        }
        else
        {
            provider.Dispose();
        }

        Assert.That(GetFromFile(), Is.EqualTo(5));
    }

    [Test]
    public async Task Host_ThatIsDisposedWithoutStopping_ClosesTheDatabase()
    {
        var host = Build(services => services.AddEngine("test.db"));
        await host.StartAsync();
        Put(host.Services.GetRequiredService<Database>(), 6, CommitMode.Deferred);

        host.Dispose();

        Assert.That(GetFromFile(), Is.EqualTo(6));
    }

    private sealed class Service(Action? start = null, Action? stop = null, Database? database = null) : IHostedService
    {
        public Database? Database { get; } = database;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            start?.Invoke();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            stop?.Invoke();
            return Task.CompletedTask;
        }
    }
}
