namespace Engine;

/// <summary>
/// What an opening came across besides the state that it took: <see cref="Database.Recovery"/>. After a crash that is a
/// commit that was cut off, as a rule; after an orderly close it is damage.
/// </summary>
public sealed class RecoveryReport
{
    /// <summary>
    /// The transaction of the state that was taken. An opening for writing may have given the same state a new
    /// id.
    /// </summary>
    public required ulong TransactionId { get; init; }

    /// <summary>The meta slot (0 or 1) in which that state was found.</summary>
    public required int MetaSlot { get; init; }

    /// <summary>
    /// What was not taken. Empty if the file as a whole is older than what was closed here
    /// (<see cref="ClosedTransactionId"/>).
    /// </summary>
    public required IReadOnlyList<RejectedMeta> Rejected { get; init; }

    /// <summary>
    /// The transaction that the database was closed with in good order before, if that is known: then there was no
    /// crash, and what was rejected was damaged since. Null if the last process that wrote was killed, if the power
    /// went, or if there is no lock file that says.
    /// </summary>
    public ulong? ClosedTransactionId { get; init; }

    /// <summary>
    /// Whether what was taken is certainly all that was there: an orderly close leaves the newest state under two ids,
    /// and this is one of the two. If false, commits may be missing; those reported durable only if something was
    /// damaged besides the crash.
    /// </summary>
    public required bool IsComplete { get; init; }

    /// <summary>All of it in one line.</summary>
    public override string ToString()
    {
        var rejected = string.Join(", ", Rejected);
        if (IsComplete)
        {
            return $"{rejected}: damage since the database was closed with transaction {ClosedTransactionId}; "
                + $"transaction {TransactionId} in slot {MetaSlot} holds the same content";
        }

        return ClosedTransactionId is { } closed
            ? $"the file holds transaction {TransactionId}, but the database was closed with transaction {closed}: an "
                + $"older copy was put in its place, or both metas were lost"
            : $"{rejected}: what a crash cut off, or damage; transaction {TransactionId} in slot {MetaSlot} was taken";
    }
}
