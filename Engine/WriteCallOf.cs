using Engine.Transactions;

namespace Engine;

/// <summary>A callback that is to write, with what it gets and gives.</summary>
internal sealed class WriteCall<TState, TResult>(
    WriteTransaction transaction, TState state, WriteAsyncFunc<TState, TResult> write) : WriteCall(transaction)
{
    private readonly TaskCompletionSource<TResult> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TResult _result = default!;

    public Task<TResult> Task => _source.Task;

    public override void Complete(ulong id) => _source.TrySetResult(_result);

    public override void Fail(Exception failure) => _source.Fail(failure, CancellationToken);

    protected override ValueTask InvokeHere()
    {
        var work = write(transaction, state, CancellationToken);
        if (!work.IsCompletedSuccessfully)
        {
            return Await(work);
        }

        _result = work.Result;
        return ValueTask.CompletedTask;
    }

    private async ValueTask Await(ValueTask<TResult> work) => _result = await work.ConfigureAwait(false);
}
