using Engine.Bench.Measuring;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Bench;

[Category(Categories.Bench)]
public class LatencyHistogramTests
{
    private static readonly double[] Shares = [0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1];

    [Test]
    public void Percentile_OfSmallLatencies_IsExact()
    {
        LatencyHistogram histogram = new();
        for (int i = 100; i >= 1; i--)
        {
            histogram.Record(i);
        }

        Assert.That(histogram.Percentile(0.5), Is.EqualTo(50));
        Assert.That(histogram.Percentile(0.99), Is.EqualTo(99));
        Assert.That(histogram.Percentile(0.999), Is.EqualTo(100));
        Assert.That(histogram.Percentile(0), Is.EqualTo(1));
        Assert.That(histogram.Count, Is.EqualTo(100));
    }

    [Test]
    public void Percentile_OfAnyLatencies_IsRightToAHundredth([Range(1, 5)] int seed)
    {
        Random random = new(seed);
        LatencyHistogram histogram = new();
        long[] latencies = [.. Enumerable.Range(0, 10_000).Select(_ => (long)Math.Pow(2, random.NextDouble() * 40))];
        foreach (long latency in latencies)
        {
            histogram.Record(latency);
        }

        Array.Sort(latencies);
        foreach (double share in Shares)
        {
            long exact =
                latencies[Math.Clamp((int)Math.Ceiling(share * latencies.Length) - 1, 0, latencies.Length - 1)];
            Assert.That(
                histogram.Percentile(share),
                Is.GreaterThanOrEqualTo(exact).And.LessThanOrEqualTo(exact * 1.01),
                $"{share}");
        }

        Assert.That(histogram.Maximum, Is.EqualTo(latencies[^1]));
        Assert.That(histogram.Percentile(1), Is.EqualTo(latencies[^1]));
    }

    [Test]
    public void Add_GivesWhatRecordingEverythingInOneGives()
    {
        Random random = new(7);
        LatencyHistogram one = new(), left = new(), right = new();
        for (int i = 0; i < 5000; i++)
        {
            long latency = random.NextInt64(1, 1_000_000);
            one.Record(latency);
            (i % 3 == 0 ? left : right).Record(latency);
        }

        left.Add(right);

        Assert.That(Shares.Select(left.Percentile), Is.EqualTo(Shares.Select(one.Percentile)));
        Assert.That((left.Count, left.Maximum), Is.EqualTo((one.Count, one.Maximum)));
    }

    [Test]
    public void Record_OfExtremes_KeepsThem()
    {
        LatencyHistogram histogram = new();
        histogram.Record(-5);
        histogram.Record(0);
        histogram.Record(long.MaxValue);

        Assert.That(histogram.Percentile(0.5), Is.Zero);
        Assert.That(histogram.Percentile(1), Is.EqualTo((double)long.MaxValue));
    }

    [Test]
    public void Percentile_OfNothing_IsNoNumber() => Assert.That(new LatencyHistogram().Percentile(0.5), Is.NaN);
}
