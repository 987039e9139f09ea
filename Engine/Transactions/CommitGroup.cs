namespace Engine.Transactions;

/// <summary>
/// Those who wait for one commit that they share, and the strictest of their promises. Changed under the lock of who
/// commits.
/// </summary>
internal sealed class CommitGroup
{
    private readonly List<CommitTicket> _tickets = [];

    public int Count => _tickets.Count;

    /// <summary>Whether visible is enough for all of them.</summary>
    public bool IsDeferred { get; private set; } = true;

    public void Add(CommitTicket ticket, bool isDeferred)
    {
        _tickets.Add(ticket);
        IsDeferred &= isDeferred;
    }

    /// <summary>Makes it a new one.</summary>
    public void Clear()
    {
        _tickets.Clear();
        IsDeferred = true;
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
