using System.Runtime.CompilerServices;
using Engine.Extensions.Nats.Log;
using Engine.Extensions.Nats.Writing;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Engine.Extensions.Nats.Sharding;

/// <summary>
/// Fetches the messages of one shard within bytes that all shards of a node share. A shard always may have one message,
/// so that none waits for another one; when there are more behind it, they come many at a time, as far as the shared
/// bytes go. What was fetched counts until it is applied.
/// </summary>
internal sealed class FetchedBytes
{
    /// <summary>How long the server is to wait for a message before it is asked anew.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly int _one;
    private readonly int _many;
    private readonly ByteBudget _budget;

    public FetchedBytes(int maxMessageBytes, BytePool shared)
    {
        _one = maxMessageBytes + Envelope.Overhead;
        _many = 4 * _one;
        _budget = new ByteBudget(_one, shared);
    }

    public async IAsyncEnumerable<INatsJSMsg<byte[]>> PullAsync(
        INatsJSConsumer consumer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            await _budget.TakeAsync(_one, cancellationToken).ConfigureAwait(false);
            var used = 0;
            INatsJSMsg<byte[]>? next = null;
            try
            {
                next = await consumer.NextAsync(
                    NatsRawSerializer<byte[]>.Default,
                    new NatsJSNextOpts { Expires = Patience, IdleHeartbeat = Patience / 6 },
                    cancellationToken).ConfigureAwait(false);
                used = next is null ? 0 : CostOf(next.Data);
            }
            finally
            {
                _budget.GiveBack(_one - used);
            }

            if (next is null)
            {
                continue;
            }

            var pending = next.Metadata?.NumPending ?? 0;
            yield return next;
            while (pending > 0 && _budget.TryTake(_many))
            {
                used = 0;
                try
                {
                    await foreach (var message in consumer.FetchNoWaitAsync(
                        new NatsJSFetchOpts { MaxBytes = _many },
                        NatsRawSerializer<byte[]>.Default,
                        cancellationToken).ConfigureAwait(false))
                    {
                        used += CostOf(message.Data);
                        pending = message.Metadata?.NumPending ?? 0;
                        yield return message;
                    }
                }
                finally
                {
                    _budget.GiveBack(_many - Math.Min(used, _many));
                }

                if (used == 0)
                {
                    break;
                }
            }
        }
    }

    /// <summary>Messages were applied.</summary>
    public void Release(IEnumerable<LogMessage> messages) =>
        _budget.GiveBack(messages.Sum(message => CostOf(message.Data)));

    /// <summary>Nothing of what was fetched is there any more.</summary>
    public void Reset() => _budget.Reset();

    /// <summary>Never more than was taken for it, however large the messages of others are.</summary>
    private int CostOf(byte[]? data) => Math.Min(data?.Length ?? 0, _one);
}
