using System.Collections.Concurrent;
using System.Diagnostics;
using Engine.Extensions.Nats.Log;
using Engine.Extensions.Nats.Writing;
using NATS.Client.Core;

namespace Engine.Extensions.Nats.Sharding;

/// <summary>
/// Has writes for shards that this node does not hold done by one that does, and learns their outcome from it. The
/// batch always has an id, so that it can be sent again, to another holder too, when no answer comes. A holder that
/// does not answer is left for another one, and the next writes do not ask it first. Thread-safe.
/// </summary>
internal sealed class WriteForwarder(
    INatsConnection connection, ShardMap map, ShardNames names, ShardedReplicaOptions options, BytePool pending)
{
    private readonly ConcurrentDictionary<int, string[]> _holders = new();
    private readonly ByteBudget _budget = new(options.Replica.MaxMessageBytes, pending);

    /// <param name="shard">The shard.</param>
    /// <param name="encoded">The batch, with an id.</param>
    /// <param name="longestKey">Length of its longest key.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<WriteOutcome> WriteAsync(
        int shard, byte[] encoded, int longestKey, CancellationToken cancellationToken)
    {
        if (encoded.Length > options.Replica.MaxMessageBytes)
        {
            throw new BatchTooLargeException(
                $"The batch has {encoded.Length} bytes, and a message may have {options.Replica.MaxMessageBytes} "
                + "(ReplicaOptions.MaxMessageBytes). Split the batch.");
        }

        var attempt = new Attempt(shard, longestKey, ForwardedWrite.Request(map.Layout.Id, encoded));
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(options.Replica.WriteTimeout);
        try
        {
            await _budget.TakeAsync(encoded.Length, timeout.Token).ConfigureAwait(false);
            try
            {
                return await SendAsync(attempt, timeout.Token).ConfigureAwait(false);
            }
            finally
            {
                _budget.GiveBack(encoded.Length);
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failure(attempt, e);
        }
    }

    private async Task<WriteOutcome> SendAsync(Attempt attempt, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        var backoff = new Backoff(options.Replica);
        while (true)
        {
            var holders = await GetHoldersAsync(attempt.Shard, cancellationToken).ConfigureAwait(false);
            attempt.Holders = holders;
            foreach (var holder in holders)
            {
                if (await TrySendAsync(attempt, holder, cancellationToken).ConfigureAwait(false) is { } outcome)
                {
                    return outcome;
                }

                Postpone(attempt.Shard, holder);
            }

            if (!attempt.IsOpen && Stopwatch.GetElapsedTime(begun) > options.HolderTimeout)
            {
                throw Failure(attempt, null);
            }

            _holders.TryRemove(attempt.Shard, out _);
            await backoff.Wait(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Null if another holder is to be asked, or the same one later.</summary>
    private async Task<WriteOutcome?> TrySendAsync(Attempt attempt, string holder, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await connection.RequestAsync<byte[], byte[]>(
                names.WriteSubject(attempt.Shard, holder),
                attempt.Request,
                requestSerializer: NatsRawSerializer<byte[]>.Default,
                replySerializer: NatsRawSerializer<byte[]>.Default,
                replyOpts: new NatsSubOpts { Timeout = options.Replica.RequestTimeout, ThrowIfNoResponders = true },
                cancellationToken: cancellationToken).ConfigureAwait(false);
            switch (ForwardedWrite.ReadAnswer(answer.Data, out var outcome, out var limit, out var text))
            {
                case ForwardedReply.Decided:
                    return outcome;
                case ForwardedReply.KeyTooLong:
                    throw new KeyTooLongException(attempt.LongestKey, limit);
                case ForwardedReply.TooLarge:
                    throw new BatchTooLargeException(text);
                case ForwardedReply.Foreign:
                    throw new ShardLayoutException(
                        $"The node {holder} refused the write for shard {attempt.Shard} of {names.Database}: {text}. "
                        + "If the database was deleted and made anew, restart the older one of both nodes.");
                case ForwardedReply.Unknown:
                    attempt.IsOpen = true;
                    break;
                default:
                    break;
            }

            attempt.Trouble = $"{holder}: {text}";
            return null;
        }
        catch (NatsNoRespondersException)
        {
            attempt.Trouble = $"{holder} does not run, or has not caught up";
            return null;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Failures.IsOfNetwork(e))
        {
            attempt.IsOpen = true;
            attempt.Trouble = connection.ConnectionState == NatsConnectionState.Open
                ? $"{holder} does not answer"
                : Failures.Translate(connection, "Sending it", e).Message;
            return null;
        }
    }

    private async Task<string[]> GetHoldersAsync(int shard, CancellationToken cancellationToken)
    {
        if (_holders.TryGetValue(shard, out var known))
        {
            return known;
        }

        try
        {
            var found = await map.GetAsync(shard, cancellationToken).ConfigureAwait(false);

            // Nodes begin with different ones.
            string[] holders = [.. found];
            Random.Shared.Shuffle(holders);
            return _holders.GetOrAdd(shard, holders);
        }
        catch (Exception e) when (e is NoServerException or NoQuorumException)
        {
            return [];
        }
    }

    /// <summary>The next writes ask another one first.</summary>
    private void Postpone(int shard, string holder)
    {
        if (_holders.TryGetValue(shard, out var known) && known.Length > 1 && known[0] == holder)
        {
            _holders.TryUpdate(shard, [.. known[1..], holder], known);
        }
    }

    private static ReplicaException Failure(Attempt attempt, Exception? e)
    {
        var trouble = attempt.Trouble is { } text ? $" ({text})" : string.Empty;
        if (attempt.IsOpen)
        {
            return new WriteTimeoutException(
                $"No node that holds shard {attempt.Shard} said in time how the write was decided{trouble}. It may "
                + "still come to be: write it again with the same WriteBatch.Id to learn it.",
                e);
        }

        var who = attempt.Holders.Length == 0
            ? "no node holds it"
            : $"it is held by {string.Join(", ", attempt.Holders.Order(StringComparer.Ordinal))}";
        return new NoHolderException(
            $"Nobody could take the write for shard {attempt.Shard}, and nothing was written: {who}{trouble}. Start "
            + "one that holds it, or have this node hold it (HoldAsync).",
            e)
        {
            Shard = attempt.Shard,
            Holders = [.. attempt.Holders.Order(StringComparer.Ordinal)],
        };
    }

    /// <summary>A write that is under way.</summary>
    private sealed class Attempt(int shard, int longestKey, byte[] request)
    {
        public int Shard { get; } = shard;

        public int LongestKey { get; } = longestKey;

        public byte[] Request { get; } = request;

        public string[] Holders { get; set; } = [];

        /// <summary>Whether it may have been written.</summary>
        public bool IsOpen { get; set; }

        public string? Trouble { get; set; }
    }
}
