namespace Engine.Transactions;

/// <summary>Makes durable what somebody has seen who changed nothing, and tells that one.</summary>
internal sealed class PromiseJob(DatabaseWriter writer, ulong id, CommitTicket ticket) : FlusherJob
{
    public override void Run() => writer.Promise(id, ticket);
}
