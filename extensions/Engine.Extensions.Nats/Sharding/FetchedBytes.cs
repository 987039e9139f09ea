using System.Runtime.CompilerServices;
using Engine.Extensions.Nats.Log;
using Engine.Extensions.Nats.Writing;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Engine.Extensions.Nats.Sharding;

/// <summary>
/// Fetches the messages of one shard within bytes that all shards of a node share. A shard always may have as many as
/// one message, so that none waits for another one; when there is more behind that, it comes more at a time, as far as
/// the shared bytes go. What was fetched counts until it is applied.
/// </summary>
internal sealed class FetchedBytes
{
    /// <summary>How long the server is to wait for a message before it is asked anew.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>What a message has beside its batches, as the server counts: subjects, headers, the envelope.</summary>
    private const int Overhead = 1024;

    private static readonly NatsJSFetchOpts NextOptions =
        new() { MaxMsgs = 1, Expires = Patience, IdleHeartbeat = Patience / 6 };

    private readonly int _one;
    private readonly int _many;
    private readonly NatsJSFetchOpts _options;
    private readonly ByteBudget _budget;

    public FetchedBytes(int maxMessageBytes, BytePool shared)
    {
        _one = maxMessageBytes + Overhead;
        _many = 4 * _one;
        _options = new NatsJSFetchOpts { MaxBytes = _one, Expires = Patience, IdleHeartbeat = Patience / 6 };
        _budget = new ByteBudget(_one, shared);
    }

    public async IAsyncEnumerable<INatsJSMsg<byte[]>> PullAsync(
        INatsJSConsumer consumer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isByCount = false;
        while (true)
        {
            await _budget.TakeAsync(_one, cancellationToken).ConfigureAwait(false);
            var (used, any, pending) = (0, false, 0UL);
            try
            {
                await foreach (var message in consumer.FetchAsync(
                    isByCount ? NextOptions : _options, NatsRawSerializer<byte[]>.Default, cancellationToken)
                    .ConfigureAwait(false))
                {
                    any = true;
                    used += CostOf(message.Data);
                    pending = message.Metadata?.NumPending ?? 0;
                    yield return message;
                }
            }
            finally
            {
                _budget.GiveBack(_one - Math.Min(used, _one));
            }

            // One that is larger than was asked for, because others are set to larger ones, does not come by its bytes.
            isByCount = !any;
            while (pending > 0 && _budget.TryTake(_many))
            {
                (used, any) = (0, false);
                try
                {
                    await foreach (var message in consumer.FetchNoWaitAsync(
                        new NatsJSFetchOpts { MaxBytes = _many },
                        NatsRawSerializer<byte[]>.Default,
                        cancellationToken).ConfigureAwait(false))
                    {
                        any = true;
                        used += CostOf(message.Data);
                        pending = message.Metadata?.NumPending ?? 0;
                        yield return message;
                    }
                }
                finally
                {
                    _budget.GiveBack(_many - Math.Min(used, _many));
                }

                if (!any)
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
