using Engine.Bench.Data;

namespace Engine.Bench.Workloads;

/// <summary>
/// Keeps the readers and the writer of a mixed workload in step, so that their shares of the operations hold at every
/// moment and not only in the sum. Either side may be a few commits ahead; then it sleeps, outside of everything that
/// is timed as latency. Readers claim gets in pieces, so that this costs them little.
/// </summary>
internal sealed class Pace(long gets, long commits)
{
    /// <summary>How many commits one side may be ahead of the other.</summary>
    private const int Lead = 64;
    private const int Piece = 100;

    private readonly object _lock = new();
    private long _claimedGets;
    private long _finishedGets;
    private long _finishedCommits;
    private int _waiting;
    private bool _isStopped;

    /// <summary>Gives a reader its next gets; false when there are none left.</summary>
    public bool TryClaimGets(out OperationRange claimed)
    {
        lock (_lock)
        {
            while (!_isStopped && _claimedGets < gets && _claimedGets >= AllowedGets())
            {
                Wait();
            }

            long count = _isStopped ? 0 : Math.Min(Piece, AllowedGets() - _claimedGets);
            claimed = new OperationRange(_claimedGets, count);
            _claimedGets += count;
            return count > 0;
        }
    }

    public void FinishGets(long count)
    {
        lock (_lock)
        {
            _finishedGets += count;
            Wake();
        }
    }

    /// <summary>Waits until the writer may commit once more; false when it has done all.</summary>
    public bool TryClaimCommit(out long number)
    {
        lock (_lock)
        {
            number = _finishedCommits;
            while (!_isStopped && number < commits && _finishedGets < RequiredGets(number))
            {
                Wait();
            }

            return !_isStopped && number < commits;
        }
    }

    public void FinishCommit()
    {
        lock (_lock)
        {
            _finishedCommits++;
            Wake();
        }
    }

    /// <summary>Ends the work of all threads: one of them has failed.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _isStopped = true;
            Wake();
        }
    }

    private long AllowedGets() => Share(Math.Min(_finishedCommits + Lead, commits));

    private long RequiredGets(long commit) => Share(Math.Max(commit - Lead, 0));

    private long Share(long commit) => (long)((Int128)gets * commit / commits);

    private void Wait()
    {
        _waiting++;
        Monitor.Wait(_lock);
        _waiting--;
    }

    private void Wake()
    {
        if (_waiting > 0)
        {
            Monitor.PulseAll(_lock);
        }
    }
}
