using Engine.Extensions.Hosting.Tests.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Engine.Extensions.Hosting.Tests;

/// <summary>How databases are registered, and where their options come from.</summary>
public class RegistrationTests : HostingTest
{
    [Test]
    public void AddEngine_Twice_IsRefused()
    {
        var services = new ServiceCollection().AddEngine("a.db").AddKeyedEngine("other", "b.db");

        Assert.That(
            () => services.AddEngine("c.db"),
            Throws.InvalidOperationException.With.Message.Contains("AddKeyedEngine").And.Message.Contains("Configure"));
        Assert.That(
            () => services.AddKeyedEngine("other", "c.db"),
            Throws.InvalidOperationException.With.Message.Contains("the key 'other'"));
    }

    [Test]
    public async Task AddKeyedEngine_ForSeveral_OpensEachByItsKey()
    {
        using var host = Build(services => services
            .AddEngine("main.db")
            .AddKeyedEngine("orders", "orders.db")
            .AddKeyedEngine("audit", options => options.Path = "audit.db"));
        await host.StartAsync();

        Put(host.Services.GetRequiredService<Database>(), 1);
        Put(host.Services.GetRequiredKeyedService<Database>("orders"), 2);
        Put(host.Services.GetRequiredKeyedService<Database>("audit"), 3);
        await host.StopAsync();

        Assert.That(
            new[] { GetFromFile("main.db"), GetFromFile("orders.db"), GetFromFile("audit.db") },
            Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public void Start_WithOneFileUnderTwoKeys_SaysThatItIsOpen()
    {
        using var host = Build(services => services.AddKeyedEngine("a", "same.db").AddKeyedEngine("b", "./same.db"));

        Assert.That(() => host.StartAsync(), Throws.TypeOf<DatabaseBusyException>());
    }

    [Test]
    public async Task Configuration_SetsEveryOption()
    {
        var section = Section(
            ("Path", "data.db"),
            ("PageSize", "8192"),
            ("WriterTimeout", "00:00:30"),
            ("FlushInterval", "-00:00:00.001"),
            ("TransactionMemory", "2097152"),
            ("DeferredLimit", "1000"),
            ("TrackTransactions", "true"),
            ("ReadAhead", "false"),
            ("GuardedReads", "false"),
            ("CreateIfMissing", "true"),
            ("ReadOnly", "false"),
            ("WithoutLock", "false"),
            ("InMemory", "false"),
            ("Name", "the data"),
            ("SlowCommit", "00:00:02"),
            ("Health:MinFreeDiskBytes", "5"),
            ("Health:MaxReaderTableUse", "0.5"),
            ("Health:MaxPinnedPages", "6"),
            ("Health:SampleInterval", "00:01:00"));
        using var host = Build(services => services.AddKeyedEngine("it", section));
        await host.StartAsync();

        var database = host.Services.GetRequiredKeyedService<Database>("it");
        Assert.That(database.PageSize, Is.EqualTo(8192));
        Assert.That(database.Path, Is.EqualTo(Folder.File("data.db")));
        var options = host.Services.GetRequiredService<IOptionsMonitor<EngineOptions>>().Get("it");
        Assert.That(options.Health.SampleInterval, Is.EqualTo(TimeSpan.FromMinutes(1)));
        Assert.That(options.Health.MaxReaderTableUse, Is.EqualTo(0.5));
        var engine = options.ToDatabaseOptions(TimeProvider.System);
        Assert.That(
            (engine.WriterTimeout, engine.FlushInterval, engine.TransactionMemory, engine.DeferredLimit),
            Is.EqualTo((TimeSpan.FromSeconds(30), Timeout.InfiniteTimeSpan, 2_097_152L, 1000L)));
        Assert.That((engine.Name, engine.SlowCommit), Is.EqualTo(("the data", TimeSpan.FromSeconds(2))));
        Assert.That(
            (engine.TrackTransactions, engine.ReadAhead, engine.GuardedReads), Is.EqualTo((true, false, false)));

        // A new option of the engine wants a place in the configuration.
        var names = typeof(DatabaseOptions).GetProperties().Select(static property => property.Name)
            .Except([nameof(DatabaseOptions.TimeProvider), nameof(DatabaseOptions.MeterFactory)]);
        var ours = typeof(EngineOptions).GetProperties().Select(static property => property.Name).ToList();
        Assert.That(ours, Is.SupersetOf(names));
        Assert.That(section.GetChildren().Select(static child => child.Key), Is.EquivalentTo(ours));
    }

    [Test]
    public void Defaults_AreThoseOfTheEngine()
    {
        var ours = new EngineOptions().ToDatabaseOptions(TimeProvider.System);
        var theirs = new DatabaseOptions();
        foreach (var property in typeof(DatabaseOptions).GetProperties())
        {
            Assert.That(property.GetValue(ours), Is.EqualTo(property.GetValue(theirs)), property.Name);
        }
    }

    [Test]
    public async Task Configure_AfterRegistration_HasTheLastWord()
    {
        using var host = Build(services => services
            .AddEngine("never.db")
            .Configure<EngineOptions>(static options => options.InMemory = true));
        await host.StartAsync();

        Put(host.Services.GetRequiredService<Database>(), 4);
        Assert.That(Get(host.Services.GetRequiredService<Database>()), Is.EqualTo(4));
        Assert.That(Directory.GetFileSystemEntries(Folder.Root), Is.Empty);
    }

    [Test]
    public async Task Time_IsThatOfTheApplication()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        using var host = Build(services => services
            .AddSingleton<TimeProvider>(time)
            .AddEngine(static options => options.InMemory = true));
        await host.StartAsync();

        var database = host.Services.GetRequiredService<Database>();
        database.CreateSnapshot("now");

        Assert.That(database.ListSnapshots()[0].CreatedAt, Is.EqualTo(time.GetUtcNow()));
    }

    [TestCase("PageSize", "5000", "The page size 5000 is not a power of two")]
    [TestCase("TransactionMemory", "5", "TransactionMemory")]
    [TestCase("FlushInterval", "00:00:00", "FlushInterval")]
    [TestCase("WriterTimeout", "-00:00:01", "WriterTimeout")]
    [TestCase("WithoutLock", "true", "Only a read-only open can do without")]
    [TestCase("Path", "", "have no Path")]
    [TestCase("Health:MinFreeDiskBytes", "-1", "Health.MinFreeDiskBytes is -1")]
    [TestCase("Health:MaxReaderTableUse", "0", "Health.MaxReaderTableUse is 0")]
    [TestCase("Health:MaxReaderTableUse", "NaN", "Health.MaxReaderTableUse is NaN")]
    [TestCase("Health:MaxPinnedPages", "-1", "Health.MaxPinnedPages is -1")]
    [TestCase("Health:SampleInterval", "00:00:00", "Health.SampleInterval is 00:00:00")]
    public void Start_WithABadOption_SaysWhatIsWrong(string name, string value, string message)
    {
        using var host = Build(services => services.AddKeyedEngine("it", Section(("Path", "a.db"), (name, value))));

        Assert.That(
            () => host.StartAsync(),
            Throws.TypeOf<OptionsValidationException>()
                .With.Message.Contains("database 'it'").And.Message.Contains(message));
        Assert.That(Directory.GetFileSystemEntries(Folder.Root), Is.Empty);
    }

    [Test]
    public void Start_WithSeveralBadOptions_SaysAllOfThem()
    {
        using var host = Build(services => services.AddEngine(static options =>
        {
            options.InMemory = true;
            options.ReadOnly = true;
            options.PageSize = 1;
            options.Health.MaxPinnedPages = -1;
        }));

        Assert.That(
            () => host.StartAsync(),
            Throws.TypeOf<OptionsValidationException>().With.Property("Failures").Count.EqualTo(3));
    }

    [TestCase("Pathh", "a.db", "Pathh")]
    [TestCase("PageSize", "many", "PageSize")]
    public void Start_WithAConfigurationThatIsNone_NamesWhatItCannotUse(string name, string value, string message)
    {
        using var host = Build(services => services.AddEngine(Section(("Path", "a.db"), (name, value))));

        Assert.That(
            () => host.StartAsync(), Throws.InvalidOperationException.With.Message.Contains(message));
    }

    [Test]
    public void Arguments_ThatAreMissing_AreRefused()
    {
        var services = new ServiceCollection();
        Assert.That(() => services.AddEngine(" "), Throws.ArgumentException);
        Assert.That(() => services.AddEngine((Action<EngineOptions>)null!), Throws.ArgumentNullException);
        Assert.That(() => services.AddEngine((IConfiguration)null!), Throws.ArgumentNullException);
        Assert.That(() => services.AddKeyedEngine("", "a.db"), Throws.ArgumentException);
        Assert.That(() => ((IServiceCollection)null!).AddEngine("a.db"), Throws.ArgumentNullException);
    }

    private static IConfigurationSection Section(params (string Name, string Value)[] values) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(values.GroupBy(static pair => $"Engine:{pair.Name}").Select(
                static pairs => KeyValuePair.Create(pairs.Key, (string?)pairs.Last().Value)))
            .Build()
            .GetSection("Engine");
}
