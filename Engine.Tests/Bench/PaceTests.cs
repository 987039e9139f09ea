using Engine.Bench.Data;
using Engine.Bench.Workloads;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Bench;

[Category(Categories.Bench)]
public class PaceTests
{
    [Test]
    public void Gets_AreClaimedOnceEach_ByAnyNumberOfReaders()
    {
        const int Gets = 10_000;
        Pace pace = new(Gets, 1000);
        int[] claims = new int[Gets];
        Task[] readers = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            while (pace.TryClaimGets(out OperationRange range))
            {
                for (long i = range.Start; i < range.End; i++)
                {
                    Interlocked.Increment(ref claims[i]);
                }

                pace.FinishGets(range.Count);
            }
        }))];
        long commits = 0;
        while (pace.TryClaimCommit(out long number))
        {
            Assert.That(number, Is.EqualTo(commits));
            commits++;
            pace.FinishCommit();
        }

        Task.WaitAll(readers);
        Assert.That(commits, Is.EqualTo(1000));
        Assert.That(claims, Is.All.EqualTo(1));
    }

    [Test]
    public void Readers_AreAtMost64CommitsAhead()
    {
        Pace pace = new(10_000, 1000);
        long claimed = 0;
        while (claimed < 640)
        {
            Assert.That(pace.TryClaimGets(out OperationRange range), Is.True);
            claimed += range.Count;
        }

        Assert.That(claimed, Is.EqualTo(640));
        Task<long> next = Task.Run(() => pace.TryClaimGets(out OperationRange range) ? range.Count : 0);
        Assert.That(next.Wait(TimeSpan.FromMilliseconds(50)), Is.False, "the reader waits for the writer");
        pace.FinishCommit();
        Assert.That(next.Result, Is.EqualTo(10));
    }

    [Test]
    public void Writer_IsAtMost64CommitsAhead()
    {
        Pace pace = new(10_000, 1000);
        for (int i = 0; i <= 64; i++)
        {
            Assert.That(pace.TryClaimCommit(out _), Is.True);
            pace.FinishCommit();
        }

        Task<bool> next = Task.Run(() => pace.TryClaimCommit(out _));
        Assert.That(next.Wait(TimeSpan.FromMilliseconds(50)), Is.False, "the writer waits for the readers");
        Assert.That(pace.TryClaimGets(out OperationRange range), Is.True);
        pace.FinishGets(range.Count);
        Assert.That(next.Result, Is.True);
    }

    [Test]
    public void Stop_EndsThoseWhoWait()
    {
        Pace pace = new(1000, 1000);
        while (pace.TryClaimCommit(out long number) && number < 64)
        {
            pace.FinishCommit();
        }

        pace.FinishCommit();
        Task<bool> writer = Task.Run(() => pace.TryClaimCommit(out _));
        pace.Stop();

        Assert.That(writer.Result, Is.False);
        Assert.That(pace.TryClaimGets(out _), Is.False);
    }
}
