using System.Diagnostics.Tracing;
using System.Reflection;
using System.Text.RegularExpressions;
using Engine.Diagnostics;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Observability;

/// <summary>docs/observability.md names what there is, and nothing else.</summary>
public partial class ObservabilityDocumentTests
{
    private static string Text => File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "observability.md"));

    [Test]
    public void Instruments_OfTheDocument_AreThoseOfTheMeter_WithTheirUnits()
    {
        using var meters = new MeterHarness();
        using var database = Database.OpenInMemory(new DatabaseOptions { MeterFactory = meters });
        var documented = Instrument().Matches(Text)
            .ToDictionary(static row => row.Groups["name"].Value, static row => row.Groups["unit"].Value);

        Assert.That(meters.Instruments, Has.Count.EqualTo(14));
        Assert.That(
            documented, Is.EquivalentTo(meters.Instruments.ToDictionary(static it => it.Name, static it => it.Unit!)));
    }

    [Test]
    public void Instruments_HaveADescription()
    {
        using var meters = new MeterHarness();
        using var database = Database.OpenInMemory(new DatabaseOptions { MeterFactory = meters });

        Assert.That(meters.Instruments.Select(static it => it.Description), Has.All.Not.Empty);
        Assert.That(meters.Instruments.Select(static it => it.Meter.Name).Distinct(), Is.EqualTo(["Engine"]));
    }

    [Test]
    public void Events_OfTheDocument_AreThoseOfTheSource()
    {
        var documented = Event().Matches(Text).Select(static row => row.Groups["name"].Value);
        var events = typeof(EngineEventSource).GetMethods()
            .Where(static method => method.GetCustomAttribute<EventAttribute>() is not null)
            .Select(static method => method.Name);

        Assert.That(documented, Is.EquivalentTo(events));
    }

    [TestCase(EngineInstruments.MeterName)]
    [TestCase(EngineInstruments.DatabaseTag)]
    [TestCase(EngineInstruments.ModeTag)]
    [TestCase(EngineInstruments.PageStateTag)]
    [TestCase(EngineInstruments.HolderTag)]
    [TestCase(EngineTracing.SourceName)]
    [TestCase(EngineTracing.CommitName)]
    [TestCase(EngineTracing.FlushName)]
    [TestCase(EngineTracing.TransactionTag)]
    [TestCase(EngineEventSource.SourceName)]
    public void Name_IsInTheDocument(string name) => Assert.That(Text, Does.Contain($"`{name}`"));

    [Test]
    public void EventSource_HasASoundManifest() => Assert.That(
        EventSource.GenerateManifest(typeof(EngineEventSource), null, EventManifestOptions.Strict), Is.Not.Empty);

    [GeneratedRegex(
        @"^\| `(?<name>engine\.db\.[a-z.]+)` \| [a-z-]+( counter)? \| (?<unit>\S+) \|", RegexOptions.Multiline)]
    private static partial Regex Instrument();

    [GeneratedRegex(@"^\| `(?<name>[A-Z]\w+)` \| (informational|warning|critical) \|", RegexOptions.Multiline)]
    private static partial Regex Event();
}
