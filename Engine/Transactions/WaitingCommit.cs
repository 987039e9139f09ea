namespace Engine.Transactions;

/// <summary>Somebody who waits for a commit.</summary>
/// <param name="Ticket">Is told.</param>
/// <param name="Since">Since when, in ticks of the stopwatch; 0 for one who has changed nothing.</param>
/// <param name="IsDeferred">Whether visible is enough.</param>
internal readonly record struct WaitingCommit(CommitTicket Ticket, long Since, bool IsDeferred)
{
    /// <summary>Whether it is one of those who are committed, and did not only see them.</summary>
    public bool IsChanged => Since != 0;
}
