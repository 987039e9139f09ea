using System.Diagnostics;

namespace Engine.Transactions;

/// <summary>
/// Those who wait for one commit that they share, and the strictest of their promises. Changed under the lock of who
/// commits.
/// </summary>
internal sealed class CommitGroup
{
    private readonly List<CommitTicket> _tickets = [];
    private long _sinceSum;

    public int Count => _tickets.Count;

    /// <summary>Transactions among them that have changed something.</summary>
    public int Changed { get; private set; }

    /// <summary>Whether visible is enough for all of them.</summary>
    public bool IsDeferred { get; private set; } = true;

    /// <summary>Somebody waits.</summary>
    /// <param name="ticket">Is told.</param>
    /// <param name="isDeferred">Whether visible is enough.</param>
    /// <param name="isChanged">Whether it is one of those who are committed, and did not only see them.</param>
    public void Add(CommitTicket ticket, bool isDeferred, bool isChanged)
    {
        _tickets.Add(ticket);
        IsDeferred &= isDeferred;
        if (isChanged)
        {
            Changed++;
            _sinceSum += Stopwatch.GetTimestamp();
        }
    }

    /// <summary>How long those who are committed have waited, added up, in ticks of the stopwatch.</summary>
    public long WaitTicks(long now) => (Changed * now) - _sinceSum;

    /// <summary>Makes it a new one.</summary>
    public void Clear()
    {
        _tickets.Clear();
        IsDeferred = true;
        Changed = 0;
        _sinceSum = 0;
    }

    /// <summary>Tells everybody that the promise is met. Nobody joins any more.</summary>
    public void Complete(ulong id)
    {
        foreach (var ticket in _tickets)
        {
            ticket.Complete(id);
        }
    }

    /// <summary>Tells everybody that it failed. Nobody joins any more.</summary>
    public void Fail(Exception failure)
    {
        foreach (var ticket in _tickets)
        {
            ticket.Fail(failure);
        }
    }
}
