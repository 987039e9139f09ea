using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Engine.Extensions.Caching.Tests.Infrastructure;
using static Engine.Extensions.Caching.Tests.Infrastructure.Entries;

namespace Engine.Extensions.Caching.Tests;

/// <summary>The instruments, as the documentation names them.</summary>
public class MeterTests
{
    [Test]
    public void Instruments_TellWhatTheCacheHasDone()
    {
        using var test = new TestCache(static options =>
            (options.HasThread, options.Name, options.SizeLimit) = (false, "measured", 10_000));
        var cache = test.Cache;
        for (var i = 0; i < 5; i++)
        {
            cache.Set($"{i}", new byte[100], Within(TimeSpan.FromMinutes(1)));
        }

        cache.Set("sliding", [1], Sliding(TimeSpan.FromHours(1)));
        cache.Flush();
        cache.Remove("0");
        test.Clock.Advance(TimeSpan.FromSeconds(1));
        cache.Get("sliding");
        cache.Get("1");
        cache.Get("missing");
        cache.Flush();
        test.Clock.Advance(TimeSpan.FromMinutes(2));
        cache.RemoveExpired();
        cache.Set("large", new byte[20_000], Forever);
        var values = Read("measured");
        Assert.That(values["engine.cache.requests hit"], Is.EqualTo(2));
        Assert.That(values["engine.cache.requests miss"], Is.EqualTo(1));
        Assert.That(values["engine.cache.sets"], Is.EqualTo(7));
        Assert.That(values["engine.cache.removals"], Is.EqualTo(1));
        Assert.That(values["engine.cache.renewals"], Is.EqualTo(1));
        Assert.That(values["engine.cache.expirations"], Is.EqualTo(4));
        Assert.That(values["engine.cache.evictions"], Is.EqualTo(1));
        Assert.That(values["engine.cache.batches"], Is.EqualTo(cache.GetStatistics().Batches));
        Assert.That(values["engine.cache.entries"], Is.EqualTo(1));
        Assert.That(values["engine.cache.size"], Is.EqualTo(cache.GetStatistics().Size).And.Positive);
        Assert.That(values["engine.cache.pending.size"], Is.EqualTo(cache.GetStatistics().PendingSize).And.Positive);
        Assert.That(values, Has.Count.EqualTo(11));
    }

    [Test]
    public void DisposedCache_IsNotMeasured()
    {
        using (new TestCache(static options => options.Name = "gone"))
        {
            Assert.That(Read("gone"), Is.Not.Empty);
        }

        Assert.That(Read("gone"), Is.Empty);
    }

    private static ConcurrentDictionary<string, long> Read(string cache)
    {
        var values = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == CacheMeter.Name)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var known = tags.ToArray().ToDictionary(static tag => tag.Key, static tag => tag.Value as string);
            if (known["engine.cache.name"] == cache)
            {
                known.TryGetValue("engine.cache.result", out var result);
                values[$"{instrument.Name} {result}".TrimEnd()] = value;
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return values;
    }
}
