using System.Text.Json;
using Engine.Extensions.Nats.Log;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using NATS.Client.ObjectStore;

namespace Engine.Extensions.Nats.Snapshots;

/// <summary>
/// Reads an object of the object store by a consumer that is asked for chunks, a few ahead: as fast as they are taken,
/// in bounded memory, going on where it was when a server or a connection is lost. (The client's own way is a consumer
/// that pushes, which in a cluster may begin to push before the subscription is known everywhere, and then stands
/// still.)
/// </summary>
internal sealed class ObjectReader(NatsJSContext context, string bucket, INatsObjStore objects)
{
    private const int ChunksAhead = 16;
    private const int MaxAttempts = 10;

    /// <summary>How often another consumer is made, to get one on the server that this is connected to.</summary>
    private const int MaxPlacements = 8;

    /// <summary>A consumer that has brought nothing for so long is replaced.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gives the chunks of an object, each of which is the taker's to dispose. What they hold is not checked: a backup
    /// has sums of its own, of every page and of the whole.
    /// </summary>
    /// <exception cref="NatsObjException">There are not as many as the store says; or they do not come.</exception>
    public async Task ReadAsync(
        string name, Func<NatsMemoryOwner<byte>, ValueTask> take, CancellationToken cancellationToken)
    {
        var info = await objects.GetInfoAsync(name, showDeleted: false, cancellationToken).ConfigureAwait(false);
        var place = new ObjectPlace();
        for (var attempt = 0; place.Chunks < info.Chunks; attempt++)
        {
            var before = place.Chunks;
            try
            {
                await ReadOnAsync(info.Nuid!, info.Chunks, place, take, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (attempt < MaxAttempts
                && !cancellationToken.IsCancellationRequested
                && Failures.IsOfNetwork(e))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken).ConfigureAwait(false);
            }

            if (place.Chunks > before)
            {
                attempt = 0;
            }
            else if (attempt >= MaxAttempts)
            {
                throw new NatsObjException($"The object {name} has {info.Chunks} chunks, and {place.Chunks} came.");
            }
        }

        if (place.Bytes != info.Size)
        {
            throw new NatsObjException($"The object {name} has {info.Size} bytes, and {place.Bytes} came.");
        }
    }

    private async Task ReadOnAsync(
        string nuid,
        uint chunks,
        ObjectPlace place,
        Func<NatsMemoryOwner<byte>, ValueTask> take,
        CancellationToken cancellationToken)
    {
        var consumer = await CreateConsumerAsync(nuid, place.Sequence + 1, cancellationToken).ConfigureAwait(false);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        waiting.CancelAfter(Patience);
        var inConsumer = 0UL;
        await foreach (var message in consumer.ConsumeAsync(
            NatsRawSerializer<NatsMemoryOwner<byte>>.Default,
            new NatsJSConsumeOpts { MaxMsgs = ChunksAhead, Expires = TimeSpan.FromSeconds(10) },
            waiting.Token).ConfigureAwait(false))
        {
            if (message.Metadata is not { } metadata)
            {
                continue;
            }

            if (metadata.Sequence.Consumer != ++inConsumer)
            {
                return;
            }

            // However long whoever takes it takes.
            waiting.CancelAfter(Timeout.InfiniteTimeSpan);
            var length = message.Data.Length;
            await take(message.Data).ConfigureAwait(false);
            place.Pass(metadata.Sequence.Stream, length);
            if (place.Chunks == chunks)
            {
                return;
            }

            waiting.CancelAfter(Patience);
        }
    }

    /// <summary>
    /// Servers put a consumer on any of those that have the stream. From another one than this is connected to, every
    /// byte would pass through two of them, which is half as fast where processors are what is scarce.
    /// </summary>
    private async Task<INatsJSConsumer> CreateConsumerAsync(
        string nuid, ulong from, CancellationToken cancellationToken)
    {
        var stream = $"OBJ_{bucket}";
        for (var placement = 1; ; placement++)
        {
            var (name, leader) = await MakeConsumerAsync(stream, nuid, from, cancellationToken).ConfigureAwait(false);
            if (leader is null || leader == context.Connection.ServerInfo?.Name || placement == MaxPlacements)
            {
                return await context.GetConsumerAsync(stream, name, cancellationToken).ConfigureAwait(false);
            }

            await context.DeleteConsumerAsync(stream, name, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// By the request that all servers know: the newer one, which has the filter in its subject, is refused by some of
    /// version 2.9 for subjects such as these.
    /// </summary>
    /// <returns>Its name, and that of the server that it is on; null if that is not told.</returns>
    private async Task<(string Name, string? Leader)> MakeConsumerAsync(
        string stream, string nuid, ulong from, CancellationToken cancellationToken)
    {
        var request = $$"""
            {
              "stream_name": "{{stream}}",
              "config": {
                "deliver_policy": "by_start_sequence", "opt_start_seq": {{from}}, "ack_policy": "none",
                "filter_subject": "$O.{{bucket}}.C.{{nuid}}", "replay_policy": "instant",
                "mem_storage": true, "num_replicas": 1, "inactive_threshold": 30000000000
              }
            }
            """;
        var answer = await context.Connection.RequestAsync<string, string>(
            $"{context.Opts.Prefix}.CONSUMER.CREATE.{stream}",
            request,
            requestSerializer: NatsUtf8PrimitivesSerializer<string>.Default,
            replySerializer: NatsUtf8PrimitivesSerializer<string>.Default,
            cancellationToken: cancellationToken).ConfigureAwait(false);
        using var made = JsonDocument.Parse(answer.Data ?? "{}");
        if (!made.RootElement.TryGetProperty("name", out var name))
        {
            throw new NatsObjException($"No consumer for a snapshot could be made: {answer.Data}");
        }

        var leader = made.RootElement.TryGetProperty("cluster", out var cluster)
            && cluster.TryGetProperty("leader", out var found)
                ? found.GetString()
                : null;
        return (name.GetString()!, leader);
    }
}
