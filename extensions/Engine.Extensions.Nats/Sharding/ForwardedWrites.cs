using System.Threading.Channels;
using Engine.Extensions.Nats.Log;
using NATS.Client.Core;

namespace Engine.Extensions.Nats.Sharding;

/// <summary>
/// Does the writes of nodes that do not hold a shard, as soon as this one has caught up with it: they are written as if
/// they were its own, and answered with their outcome. What comes while too many wait is dropped, and comes again: a
/// shard that cannot write holds up nothing else on the connection.
/// </summary>
internal sealed class ForwardedWrites(
    INatsConnection connection,
    string subject,
    ShardLayout layout,
    int shard,
    Replica replica,
    int maxAtOnce,
    TimeSpan pause) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(maxAtOnce);

    /// <summary>Until it is cancelled; then those are answered that were begun.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var isCaughtUp = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (!isCaughtUp)
                {
                    await replica.CatchUpAsync(cancellationToken).ConfigureAwait(false);
                    isCaughtUp = true;
                }

                await ServeAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (IsPassing(e))
            {
                if (replica.Status.State == ReplicaState.Failed)
                {
                    break;
                }

                await Task.Delay(pause, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        for (var i = 0; i < maxAtOnce; i++)
        {
            await _slots.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    public void Dispose() => _slots.Dispose();

    private static bool IsPassing(Exception e) =>
        Failures.IsOfNetwork(e) || e is ReplicaException or ObjectDisposedException;

    private async Task ServeAsync(CancellationToken cancellationToken)
    {
        var options = new NatsSubOpts
        {
            ChannelOpts = new NatsSubChannelOpts
            {
                Capacity = maxAtOnce,
                FullMode = BoundedChannelFullMode.DropNewest,
            },
        };
        await foreach (var request in connection
            .SubscribeAsync(
                subject,
                serializer: NatsRawSerializer<byte[]>.Default,
                opts: options,
                cancellationToken: cancellationToken)
            .ConfigureAwait(false))
        {
            if (request.ReplyTo is { } replyTo)
            {
                await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
                _ = AnswerAsync(request.Data ?? [], replyTo);
            }
        }
    }

    private async Task AnswerAsync(byte[] request, string replyTo)
    {
        try
        {
            var answer = await WriteAsync(request).ConfigureAwait(false);
            await connection.PublishAsync(replyTo, answer, serializer: NatsRawSerializer<byte[]>.Default)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (Failures.IsOfNetwork(e) || e is ObjectDisposedException)
        {
            // Whoever asked sees that there is no answer, and asks again.
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task<byte[]> WriteAsync(byte[] request)
    {
        if (ForwardedWrite.TryReadRequest(request, layout.Id) is not { } batch)
        {
            return ForwardedWrite.Refusal(
                ForwardedReply.Foreign, 0, $"it is not for the layout {layout.Id}, or of a newer version");
        }

        var limit = replica.CurrentDatabase.MaxKeyLength;
        if (!IsWellFormed(batch, limit))
        {
            return ForwardedWrite.Refusal(ForwardedReply.KeyTooLong, limit, string.Empty);
        }

        if (!LiesHere(batch))
        {
            return ForwardedWrite.Refusal(ForwardedReply.Foreign, 0, "its keys lie elsewhere");
        }

        var status = replica.Status;
        if (status.State is ReplicaState.Failed or ReplicaState.Stalled)
        {
            return ForwardedWrite.Refusal(ForwardedReply.Elsewhere, 0, status.Trouble?.Message ?? string.Empty);
        }

        try
        {
            return ForwardedWrite.Answer(
                await replica.WriteEncodedAsync(batch, CancellationToken.None).ConfigureAwait(false));
        }
        catch (BatchTooLargeException e)
        {
            return ForwardedWrite.Refusal(ForwardedReply.TooLarge, 0, e.Message);
        }
        catch (Exception e) when (e is ReplicaException or ObjectDisposedException)
        {
            return ForwardedWrite.Refusal(ForwardedReply.Unknown, 0, e.Message);
        }
    }

    private bool LiesHere(byte[] batch)
    {
        try
        {
            return layout.Key.Kind == ShardKeyKind.Named
                || (BatchRouter.Find(layout, batch) is var found && (found is null || found == shard));
        }
        catch (CrossShardException)
        {
            return false;
        }
    }

    private static bool IsWellFormed(byte[] batch, int maxKeyLength)
    {
        var reader = new MessageReader(batch);
        return BatchView.TryParse(ref reader, maxKeyLength, out _);
    }
}
