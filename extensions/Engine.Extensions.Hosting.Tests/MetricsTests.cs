using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Engine.Extensions.Hosting.Tests;

/// <summary>Metrics as text: what is measured is there, by the rules of Prometheus and of OpenTelemetry.</summary>
[NonParallelizable]
public class MetricsTests
{
    [Test]
    public void Text_HasWhatWasMeasured()
    {
        using var metrics = new EngineMetrics();
        using var meter = new Meter("Engine");
        using var other = new Meter("Other");
        other.CreateCounter<long>("test.other").Add(1);
        using var extension = new Meter("Engine.Extensions.Some");
        extension.CreateCounter<long>("test.extension").Add(6);
        var counter = meter.CreateCounter<long>("test.commits", "{commit}", "How many.\nOf all.");
        counter.Add(2, Tag("mode", "durable"));
        counter.Add(3, Tag("mode", "durable"));
        counter.Add(1, Tag("mode", "a\"b\\c\nd"));
        meter.CreateUpDownCounter<int>("test.open").Add(-4);
        meter.CreateGauge<double>("test.share", "1").Record(0.25);
        var histogram = meter.CreateHistogram(
            "test.duration",
            "s",
            null,
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1] });
        histogram.Record(0.5, Tag("kind", 1));
        histogram.Record(0.75, Tag("kind", 1));
        histogram.Record(7, Tag("kind", 1));
        var sizes = new List<Measurement<long>> { new(10, Tag("database", "a")), new(20, Tag("database", "b")) };
        meter.CreateObservableGauge("test.size", () => sizes, "By");

        var text = metrics.ToPrometheusText();

        Assert.That(Of(text, "test_"), Is.EqualTo("""
            # HELP test_commits_total How many.\nOf all.
            # TYPE test_commits_total counter
            test_commits_total{mode="durable"} 5
            test_commits_total{mode="a\"b\\c\nd"} 1
            # TYPE test_duration_seconds histogram
            test_duration_seconds_bucket{kind="1",le="0.5"} 1
            test_duration_seconds_bucket{kind="1",le="1"} 2
            test_duration_seconds_bucket{kind="1",le="+Inf"} 3
            test_duration_seconds_sum{kind="1"} 8.25
            test_duration_seconds_count{kind="1"} 3
            # TYPE test_extension_total counter
            test_extension_total 6
            # TYPE test_open gauge
            test_open -4
            # TYPE test_share_ratio gauge
            test_share_ratio 0.25
            # TYPE test_size_bytes gauge
            test_size_bytes{database="a"} 10
            test_size_bytes{database="b"} 20
            """));

        // What is not observed any more is gone; what was counted stays.
        sizes.RemoveAt(0);
        text = metrics.ToPrometheusText();
        Assert.That(text, Does.Not.Contain("database=\"a\"").And.Contain("database=\"b\""));
        Assert.That(text, Does.Contain("test_commits_total{mode=\"durable\"} 5"));
    }

    [Test]
    public void Text_AfterTheEnd_HasNothingNew()
    {
        using var meter = new Meter("Engine");
        var counter = meter.CreateCounter<long>("test.ended");
        var metrics = new EngineMetrics();
        counter.Add(1);
        metrics.Dispose();
        counter.Add(1);
        Assert.That(metrics.ToPrometheusText(), Does.Contain("test_ended_total 1\n"));
    }

    [Test]
    public void Text_HasTheMetersOfItsOwnApplication()
    {
        using var ours = new ServiceCollection().AddMetrics().AddEngineMetrics().BuildServiceProvider();
        using var theirs = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = ours.GetRequiredService<EngineMetrics>();
        ours.GetRequiredService<IMeterFactory>().Create("Engine").CreateCounter<long>("test.ours").Add(1);
        theirs.GetRequiredService<IMeterFactory>().Create("Engine").CreateCounter<long>("test.theirs").Add(1);

        Assert.That(metrics.ToPrometheusText(), Does.Contain("test_ours_total 1").And.Not.Contain("test_theirs"));
    }

    [Test]
    public async Task Host_CountsItsCommits()
    {
        using var host = Build();
        await host.StartAsync();
        host.Services.GetRequiredService<Database>().Write(static tx => tx.Main.Put("k"u8, "v"u8));

        var text = host.Services.GetRequiredService<EngineMetrics>().ToPrometheusText();
        Assert.That(text, Does.Match("engine_db_commits_total{.*} [1-9]"));
        Assert.That(text, Does.Match("engine_db_commit_duration_seconds_count{.*} [1-9]"));

        static IHost Build()
        {
            var builder = new HostApplicationBuilder();
            builder.Services.AddEngine(static options => options.InMemory = true).AddEngineMetrics();
            return builder.Build();
        }
    }

    private static KeyValuePair<string, object?> Tag(string key, object value) => new(key, value);

    private static string Of(string text, string prefix) => string.Join('\n', text.Split('\n').Where(line =>
        line.Split(' ') is [var first, ..]
        && (first.StartsWith(prefix, StringComparison.Ordinal)
            || line.StartsWith($"# HELP {prefix}", StringComparison.Ordinal)
            || line.StartsWith($"# TYPE {prefix}", StringComparison.Ordinal))));
}
