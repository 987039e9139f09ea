using Engine.Bench.Footprints;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Bench;

[Category(Categories.Bench)]
public class FootprintTests
{
    [Test]
    public void Parse_OfTheKernelsText_TakesPrivateAndMappedMemory()
    {
        string[] lines =
            ["Name:\tdotnet", "VmRSS:\t   30 kB", "RssAnon:\t   10 kB", "RssFile:\t   20 kB", "Threads:\t9"];

        Assert.That(Footprint.Parse(lines, managed: 5), Is.EqualTo(new Footprint(10 << 10, 20 << 10, 5)));
    }

    [Test]
    public void PerMillion_OfARow_LeavesOutWhatAnEmptyDatabaseTakes()
    {
        FootprintRow row = new(
            "engine",
            Entries: 500_000,
            new FootprintAnswer(
                Empty: new Footprint(100, 10, 1), Opened: default!, Read: new Footprint(300, 60, 2), FileBytes: 9));

        Assert.That(row.PerMillion, Is.EqualTo(new Footprint(400, 100, 2)));
    }
}
