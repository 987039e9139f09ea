namespace Engine.Storage;

/// <summary>
/// What a lock file can vouch for of the last session that wrote to a database. Zeros where it knows nothing: a new
/// lock file, one about another file, one that the power cut left behind.
/// </summary>
/// <param name="ClosedId">The newest durable transaction when that session was closed in order, and then nothing was
/// written to the file since; otherwise 0.</param>
/// <param name="DurableId">
/// If that session was not closed in order: a transaction that it had made durable. Known only while the machine has
/// not been started again, because the id itself is not flushed.
/// </param>
internal readonly record struct LastSession(ulong ClosedId, ulong DurableId)
{
    /// <summary>Whether it was closed in order: whatever the file lacks was lost afterwards, not in a crash.</summary>
    public bool WasClosed => ClosedId != 0;
}
