using Engine;

namespace Outbox;

/// <summary>
/// Delivers the messages of an outbox: at least once, those of one key in their order, those of different keys at the
/// same time. One relay per outbox.
/// </summary>
/// <param name="database">The database of the outbox: what is committed to it wakes the relay.</param>
/// <param name="outbox">The outbox.</param>
/// <param name="deliver">
/// Delivers a message; throws if that fails. It may be called again for a message that it has delivered, if the process
/// or the power fails in between: whoever receives it knows it again by its number.
/// </param>
/// <param name="policy">What becomes of failures.</param>
/// <param name="parallel">So many deliveries are under way at once, at the most.</param>
internal sealed class Relay(
    Database database,
    MessageOutbox outbox,
    Func<OutboxMessage, CancellationToken, Task> deliver,
    RetryPolicy policy,
    int parallel)
{
    /// <summary>Keys of which a message is under way; used by the loop alone.</summary>
    private readonly HashSet<string> _busy = [];

    /// <summary>How many deliveries have failed.</summary>
    public long Failures { get; private set; }

    /// <summary>How many messages were given up.</summary>
    public long GivenUp { get; private set; }

    /// <summary>Delivers until it is cancelled; what is under way then is waited for.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var running = new List<Task<Outcome>>();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await using var changes = database.Changes(end.Token).GetAsyncEnumerator(CancellationToken.None);
        var change = changes.MoveNextAsync().AsTask();
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var due = outbox.FindDue(parallel - running.Count, _busy, out var next);
                foreach (var message in due)
                {
                    _busy.Add(message.Key);
                    running.Add(DeliverAsync(message, stop));
                }

                change = await WaitAsync(changes, change, running, next, stop);
                await CollectAsync(running);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to end.
        }
        finally
        {
            while (running.Count > 0)
            {
                await Task.WhenAny(running);
                await CollectAsync(running);
            }

            // An enumerator is disposed when it does not move.
            await end.CancelAsync();
            await change.ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    /// <summary>Waits for a commit, for the end of a delivery, or for the time at which a message is due.</summary>
    private static async Task<Task<bool>> WaitAsync(
        IAsyncEnumerator<StateChange> changes,
        Task<bool> change,
        List<Task<Outcome>> running,
        DateTime? next,
        CancellationToken stop)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var delay = next is { } due ? due - DateTime.UtcNow : Timeout.InfiniteTimeSpan;
        var timeout = Task.Delay(next is not null && delay < TimeSpan.Zero ? TimeSpan.Zero : delay, timer.Token);
        await Task.WhenAny([change, timeout, .. running]);
        await timer.CancelAsync();
        return change.IsCompleted && await change ? changes.MoveNextAsync().AsTask() : change;
    }

    private async Task CollectAsync(List<Task<Outcome>> running)
    {
        for (var i = running.Count - 1; i >= 0; i--)
        {
            if (running[i].IsCompleted)
            {
                var outcome = await running[i];
                running.RemoveAt(i);
                _busy.Remove(outcome.Key);
                Failures += outcome.HasFailed ? 1 : 0;
                GivenUp += outcome.IsGivenUp ? 1 : 0;
            }
        }
    }

    private async Task<Outcome> DeliverAsync(OutboxMessage message, CancellationToken stop)
    {
        try
        {
            await deliver(message, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Neither delivered nor failed: it is due when the relay runs again.
            return new Outcome(message.Key, HasFailed: false, IsGivenUp: false);
        }
        catch (Exception e)
        {
            return new Outcome(message.Key, HasFailed: true, await outbox.FailAsync(message, e.Message, policy));
        }

        await outbox.CompleteAsync(message);
        return new Outcome(message.Key, HasFailed: false, IsGivenUp: false);
    }

    private readonly record struct Outcome(string Key, bool HasFailed, bool IsGivenUp);
}
