using System.CommandLine;
using Engine.Tests.Infrastructure;
using FromLightningDB;
using FromLightningDB.Original;
using FromLightningDB.Ported;

namespace Engine.Tests.Samples;

/// <summary>
/// The sample <c>samples/FromLightningDB</c>: the original and the ported program give the same answers, also when the
/// data was moved in between.
/// </summary>
public class FromLightningDBTests
{
    private TempDirectory? _directory;

    private string Environment => _directory!.File("lmdb");

    private string Path => _directory!.File("links.db");

    [SetUp]
    public void Create()
    {
        if (!LmdbLibrary.IsThere)
        {
            Assert.Ignore("LMDB cannot be loaded here");
        }

        _directory = TempDirectory.InMemory();
        Directory.CreateDirectory(Environment);
    }

    [TearDown]
    public void Remove() => _directory?.Dispose();

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public void OriginalAndPorted_WithTheSameCalls_GiveTheSameAnswers(int seed)
    {
        using var original = new LmdbLinks(Environment);
        using var ported = new EngineLinks(Path);
        Compare(original, ported, new Random(seed), calls: 400);
    }

    [Test]
    public void Converted_HasWhatTheOriginalHas_AndGoesOnLikeIt()
    {
        var random = new Random(4);
        using (var original = new LmdbLinks(Environment))
        {
            for (var i = 0; i < 300; i++)
            {
                Change(original, random);
            }
        }

        Assert.That(Converter.Convert(Environment, Path), Is.GreaterThan(100));
        using (var original = new LmdbLinks(Environment))
        using (var ported = new EngineLinks(Path))
        {
            Compare(original, ported, random, calls: 200);
        }

        using var database = Database.Open(Path);
        Assert.That(database.Check().IsOk);
    }

    [Test]
    public async Task ConvertCommand_SaysHowMuch_AndOverwritesNothing()
    {
        using (var original = new LmdbLinks(Environment))
        {
            original.Add(new Link("https://example.org", "Example", "a", "b"));
            original.Visit(3);
        }

        var (exitCode, output) = await RunAsync("convert", Environment, Path);
        Assert.That((exitCode, output.TrimEnd()), Is.EqualTo((0, "4 entries")));
        var before = File.ReadAllBytes(Path);
        Assert.Throws<IOException>(() => Converter.Convert(Environment, Path));
        Assert.That(File.ReadAllBytes(Path), Is.EqualTo(before));
    }

    [Test]
    public async Task MeasureCommand_PutsTheSameLoadOnBoth()
    {
        var (exitCode, output) = await RunAsync("measure", "--links", "2000");
        Assert.That(exitCode, Is.Zero);
        foreach (var name in (string[])["LightningDB", "engine"])
        {
            Assert.That(output, Does.Match($@"{name} +added +[\d,]+/s"));
            Assert.That(output, Does.Match($@"{name} +durable visits +[\d,]+/s"));
        }
    }

    [Test]
    public void Program_OnAForkOfRealData_LeavesItAsItIs()
    {
        using var database = Database.OpenInMemory();
        using var links = new EngineLinks(database);
        links.Add(new Link("https://example.org/1", "One", "a"));
        using (var tried = new EngineLinks(database.Fork()))
        {
            Assert.That(tried.FindTitle("https://example.org/1"), Is.EqualTo("One"));
            tried.Remove("https://example.org/1");
            tried.Add(new Link("https://example.org/2", "Two", "a"));
            Assert.That(tried.FindTagged("a"), Is.EqualTo(new[] { "https://example.org/2" }));
        }

        Assert.That(links.FindTagged("a"), Is.EqualTo(new[] { "https://example.org/1" }));
    }

    private static void Compare(ILinks original, ILinks ported, Random random, int calls)
    {
        for (var call = 0; call < calls; call++)
        {
            var seed = random.Next();
            Assert.That(Change(ported, new Random(seed)), Is.EqualTo(Change(original, new Random(seed))));
            var (url, tag, day) = (Url(random), Tag(random), random.Next(300));
            var after = random.Next(3) == 0 ? null : Url(random);
            Assert.That(ported.FindTitle(url), Is.EqualTo(original.FindTitle(url)));
            Assert.That(ported.ReadPage(after, 7), Is.EqualTo(original.ReadPage(after, 7)));
            Assert.That(ported.FindTagged(tag), Is.EqualTo(original.FindTagged(tag)));
            Assert.That(ported.CountTags(), Is.EqualTo(original.CountTags()));
            Assert.That(ported.CountVisits(day, day + 9), Is.EqualTo(original.CountVisits(day, day + 9)));
        }
    }

    private static object Change(ILinks links, Random random)
    {
        switch (random.Next(5))
        {
            case 0:
                return links.Remove(Url(random));
            case 1:
                links.Visit(random.Next(300));
                return true;
            case 2:
                return links.AddAll(Enumerable.Range(0, random.Next(10)).Select(_ => Some(random)).ToList());
            default:
                return links.Add(Some(random));
        }
    }

    private static Link Some(Random random) => new(
        Url(random),
        random.Next(4) == 0 ? "" : $"Title {random.Next(1000)}",
        [.. Enumerable.Range(0, random.Next(4)).Select(_ => Tag(random))]);

    private static string Url(Random random) => $"https://example.org/{random.Next(60)}";

    private static string Tag(Random random) => $"tag {random.Next(8)}";

    private static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        var exitCode = await FromLightningDBCommand.Create().Parse(arguments).InvokeAsync(
            new InvocationConfiguration { Output = output });
        return (exitCode, output.ToString());
    }
}
