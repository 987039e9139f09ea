namespace Engine.Extensions.Nats.Writing;

/// <summary>A batch on its way, and who waits for its outcome.</summary>
internal sealed class PendingWrite(byte[] batch)
    : TaskCompletionSource<WriteOutcome>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public byte[] Batch { get; } = batch;
}
