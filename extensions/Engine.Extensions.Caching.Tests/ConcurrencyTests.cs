using System.Buffers;
using Engine.Extensions.Caching.Tests.Infrastructure;
using static Engine.Extensions.Caching.Tests.Infrastructure.Entries;

namespace Engine.Extensions.Caching.Tests;

/// <summary>Many threads, with the writer as busy as it can be.</summary>
public class ConcurrencyTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(2);

    [Test]
    public void SlidingEntriesThatAreReadInTime_AreNeverMissed()
    {
        using var test = new TestCache(static options => options.HasThread = false);
        const int Count = 20;
        for (var i = 0; i < Count; i++)
        {
            test.Cache.Set($"{i}", [(byte)i], Sliding(Minute));
        }

        // One thread sets the clock: it reads everything, and only then lets time pass. Others read as well, so that
        // ends move at every moment of the writer's, who takes them over without a pause.
        var missed = 0;
        Run(
            stop =>
            {
                while (!stop())
                {
                    for (var i = 0; i < Count; i++)
                    {
                        missed += test.Cache.Get($"{i}") is null ? 1 : 0;
                    }

                    test.Clock.Advance(Minute - TimeSpan.FromTicks(1));
                }
            },
            stop =>
            {
                for (var i = 0; !stop(); i++)
                {
                    test.Cache.Refresh($"{i % Count}");
                }
            },
            stop =>
            {
                while (!stop())
                {
                    test.Cache.Flush();
                    test.Cache.RemoveExpired();
                }
            });
        Assert.That(missed, Is.Zero);
        test.Cache.Flush();
        ExpirationTests.RequireConsistent(test);
    }

    [Test]
    public void EntriesThatAreSetAgainAndAgain_AreAlwaysThere_AndWhole()
    {
        using var test = new TestCache(static options => options.WriteDelay = TimeSpan.FromMilliseconds(1));
        const int Count = 50;
        for (var i = 0; i < Count; i++)
        {
            test.Cache.Set($"{i}", Value(i), Sliding(Minute));
        }

        var wrong = 0;
        Run(
            stop =>
            {
                for (var i = 0; !stop(); i++)
                {
                    test.Cache.Set($"{i % Count}", Value(i), i % 3 == 0 ? Forever : Sliding(Minute));
                }
            },
            stop =>
            {
                var destination = new ArrayBufferWriter<byte>();
                for (var i = 0; !stop(); i++)
                {
                    destination.ResetWrittenCount();
                    if (!test.Cache.TryGet($"{i % Count}", destination) || !IsWhole(destination.WrittenSpan))
                    {
                        Interlocked.Increment(ref wrong);
                    }
                }
            },
            stop =>
            {
                for (var i = 0; !stop(); i++)
                {
                    if (test.Cache.Get($"{i % Count}") is not { } value || !IsWhole(value))
                    {
                        Interlocked.Increment(ref wrong);
                    }
                }
            });
        Assert.That(wrong, Is.Zero);
        test.Cache.Flush();
        ExpirationTests.RequireConsistent(test);
    }

    [Test]
    public void WhoSets_ReadsWhatHeHasSet_AndNotWhatHeHasRemoved()
    {
        using var test = new TestCache(static options =>
            (options.WriteDelay, options.PendingLimit) = (TimeSpan.FromMilliseconds(1), 64 << 10));
        var wrong = 0;
        void Owner(int number, Func<bool> stop)
        {
            for (var i = 0; !stop(); i++)
            {
                var key = $"{number}: {i % 10}";
                test.Cache.Set(key, Value(i), Forever);
                wrong += test.Cache.Get(key)?.Length == Value(i).Length ? 0 : 1;
                if (i % 3 == 0)
                {
                    test.Cache.Remove(key);
                    wrong += test.Cache.Get(key) is null ? 0 : 1;
                }
            }
        }

        Run(stop => Owner(1, stop), stop => Owner(2, stop), stop => Owner(3, stop));
        Assert.That(wrong, Is.Zero);
    }

    private static byte[] Value(int number)
    {
        var value = new byte[10 + (number % 500)];
        Array.Fill(value, (byte)number);
        return value;
    }

    private static bool IsWhole(ReadOnlySpan<byte> value) => !value.ContainsAnyExcept(value[0]);

    private static void Run(params Action<Func<bool>>[] work)
    {
        using var stopping = new CancellationTokenSource(Duration);
        var token = stopping.Token;
        var tasks = work.Select(action => Task.Factory.StartNew(
            () => action(() => token.IsCancellationRequested),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default));
        Task.WaitAll([.. tasks]);
    }
}
