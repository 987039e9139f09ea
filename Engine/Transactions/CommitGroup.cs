using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Engine.Transactions;

/// <summary>
/// Those who wait for one commit that they share, and the strictest of their promises. Changed under the lock of who
/// commits.
/// </summary>
internal sealed class CommitGroup
{
    private readonly List<WaitingCommit> _waiting = [];
    private long _sinceSum;

    public int Count => _waiting.Count;

    /// <summary>All of them. Nobody joins any more.</summary>
    public ReadOnlySpan<WaitingCommit> All => CollectionsMarshal.AsSpan(_waiting);

    /// <summary>Transactions among them that have changed something.</summary>
    public int Changed { get; private set; }

    /// <summary>Those of <see cref="Changed"/> for which visible is enough.</summary>
    public int Deferred { get; private set; }

    /// <summary>Whether visible is enough for all of them.</summary>
    public bool IsDeferred { get; private set; } = true;

    /// <summary>Somebody waits.</summary>
    /// <param name="ticket">Is told.</param>
    /// <param name="isDeferred">Whether visible is enough.</param>
    /// <param name="isChanged">Whether it is one of those who are committed, and did not only see them.</param>
    public void Add(CommitTicket ticket, bool isDeferred, bool isChanged)
    {
        var since = isChanged ? Stopwatch.GetTimestamp() : 0;
        _waiting.Add(new WaitingCommit(ticket, since, isDeferred));
        IsDeferred &= isDeferred;
        if (isChanged)
        {
            Changed++;
            Deferred += isDeferred ? 1 : 0;
            _sinceSum += since;
        }
    }

    /// <summary>How long those who are committed have waited, added up, in ticks of the stopwatch.</summary>
    public long WaitTicks(long now) => (Changed * now) - _sinceSum;

    /// <summary>Makes it a new one.</summary>
    public void Clear()
    {
        _waiting.Clear();
        IsDeferred = true;
        Changed = 0;
        Deferred = 0;
        _sinceSum = 0;
    }

    /// <summary>Tells everybody that the promise is met. Nobody joins any more.</summary>
    public void Complete(ulong id)
    {
        foreach (var waiting in _waiting)
        {
            waiting.Ticket.Complete(id);
        }
    }

    /// <summary>Tells everybody that it failed. Nobody joins any more.</summary>
    public void Fail(Exception failure)
    {
        foreach (var waiting in _waiting)
        {
            waiting.Ticket.Fail(failure);
        }
    }
}
