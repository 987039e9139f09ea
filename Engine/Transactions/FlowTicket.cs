namespace Engine.Transactions;

/// <summary>An asynchronous flow that waits for a commit; it goes on on a thread of the pool.</summary>
/// <param name="cancellationToken">The flow's.</param>
internal sealed class FlowTicket(CancellationToken cancellationToken) : CommitTicket
{
    private readonly TaskCompletionSource<ulong> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<ulong> Task => _source.Task;

    public override void Complete(ulong id) => _source.TrySetResult(id);

    public override void Fail(Exception failure) => _source.Fail(failure, cancellationToken);
}
