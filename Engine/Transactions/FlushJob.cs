namespace Engine.Transactions;

/// <summary>Makes the deferred commits durable.</summary>
internal sealed class FlushJob(DatabaseWriter writer) : FlusherJob
{
    private readonly TaskCompletionSource _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Task => _result.Task;

    public override void Run()
    {
        try
        {
            writer.Flush();
        }
        catch (Exception e)
        {
            _result.TrySetException(e);
            return;
        }

        _result.TrySetResult();
    }
}
