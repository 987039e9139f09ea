using System.Diagnostics.Metrics;
using Engine.Testing.Running;

namespace Engine.Testing.Tests.Running;

public class SimulatedOptionsTests
{
    // What a simulation decides by itself, or refuses.
    private static readonly HashSet<string> Decided =
    [
        nameof(DatabaseOptions.FlushInterval), nameof(DatabaseOptions.ReadOnly), nameof(DatabaseOptions.WithoutLock),
        nameof(DatabaseOptions.CreateIfMissing),
    ];

    [Test]
    public void EveryOptionOfAUser_IsTakenOver()
    {
        var usual = new DatabaseOptions();
        var changed = new DatabaseOptions
        {
            ReadAhead = !usual.ReadAhead,
            GuardedReads = !usual.GuardedReads,
            PageSize = 8192,
            TransactionMemory = usual.TransactionMemory + 1,
            DeferredLimit = usual.DeferredLimit + 1,
            WriterTimeout = TimeSpan.FromSeconds(7),
            TrackTransactions = !usual.TrackTransactions,
            Name = "simulated",
            MeterFactory = new OtherMeters(),
            SlowCommit = TimeSpan.FromSeconds(8),
            TimeProvider = new OtherTime(),
        };
        var taken = SimulatedOptions.Of(changed);
        foreach (var option in typeof(DatabaseOptions).GetProperties().Where(option => !Decided.Contains(option.Name)))
        {
            Assert.That(
                option.GetValue(changed),
                Is.Not.EqualTo(option.GetValue(usual)),
                $"{option.Name} is not changed above");
            Assert.That(option.GetValue(taken), Is.EqualTo(option.GetValue(changed)), option.Name);
        }

        Assert.That(taken.FlushInterval, Is.EqualTo(Timeout.InfiniteTimeSpan));
    }

    private sealed class OtherTime : TimeProvider;

    private sealed class OtherMeters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }
}
