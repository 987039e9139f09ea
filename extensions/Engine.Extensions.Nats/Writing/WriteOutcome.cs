namespace Engine.Extensions.Nats;

/// <summary>What became of a batch.</summary>
/// <param name="Sequence">
/// Sequence of the message in the stream by which it was decided. A node that has applied it shows the result.
/// </param>
/// <param name="Status">Whether it was applied.</param>
/// <param name="FailedPrecondition">
/// Which precondition failed, counted from 0 in the order in which they were added; -1 if none.
/// </param>
/// <param name="IsRepeated">
/// Whether a batch with this <see cref="WriteBatch.Id"/> was decided before, and this is how.
/// </param>
public readonly record struct WriteOutcome(
    ulong Sequence, WriteStatus Status, int FailedPrecondition, bool IsRepeated)
{
    /// <summary>Whether the batch was applied, now or before.</summary>
    public bool IsApplied => Status == WriteStatus.Applied;
}
