using System.Diagnostics;
using System.Globalization;
using Engine.Extensions.Nats.Log;
using NATS.Client.KeyValueStore;

namespace Engine.Extensions.Nats.Coordination;

/// <summary>
/// Who may do something that one node at a time is to do: an entry of a key-value bucket, which its holder writes anew
/// again and again, and which another node takes over when it has seen it unchanged for longer than its duration. No
/// clocks are compared. The holder's token grows from holder to holder; whatever is done under the lease says the
/// token, or is such that a holder who does not know yet that he is deposed does no harm.
/// </summary>
internal sealed class Lease(INatsKVStore bucket, string key, string holder, TimeSpan duration)
{
    private ulong _seen;
    private long _seenAt;

    /// <summary>Takes the lease if nobody has it, or its holder is silent; null if somebody else has it.</summary>
    public async Task<LeaseGrip?> TryAcquireAsync(CancellationToken cancellationToken)
    {
        var value = string.Create(CultureInfo.InvariantCulture, $"{holder}/{Guid.NewGuid():N}");
        try
        {
            var (held, revision) = await ReadAsync(cancellationToken).ConfigureAwait(false);

            // An answer may come late; others count from the moment of the write.
            var begun = Stopwatch.GetTimestamp();
            if (held is null)
            {
                var created = await bucket.CreateAsync(key, value, null, cancellationToken).ConfigureAwait(false);
                return new LeaseGrip(bucket, key, value, created, begun, duration);
            }

            // A leader that does not know yet that it is none shows what is old: that is no news.
            if (revision > _seen)
            {
                _seen = revision;
                _seenAt = Stopwatch.GetTimestamp();
                if (held.Length > 0)
                {
                    return null;
                }
            }

            if (revision != _seen || (held.Length > 0 && Stopwatch.GetElapsedTime(_seenAt) < duration))
            {
                return null;
            }

            var taken = await bucket.UpdateAsync(key, value, _seen, null, cancellationToken).ConfigureAwait(false);
            return new LeaseGrip(bucket, key, value, taken, begun, duration);
        }
        catch (Exception e) when (e is NatsKVWrongLastRevisionException or NatsKVCreateException)
        {
            return null;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Failures.IsOfNetwork(e))
        {
            return null;
        }
    }

    /// <summary>Who holds it, as far as is known; null if nobody does.</summary>
    public async Task<string?> GetHolderAsync(CancellationToken cancellationToken)
    {
        var (value, _) = await ReadAsync(cancellationToken).ConfigureAwait(false);
        return string.IsNullOrEmpty(value) ? null : value[..Math.Max(0, value.LastIndexOf('/'))];
    }

    /// <summary>What the bucket has; empty if the lease was given up, null if there never was one.</summary>
    private Task<(string? Value, ulong Revision)> ReadAsync(CancellationToken cancellationToken) =>
        BucketEntries.ReadAsync(bucket.JetStreamContext, bucket.Bucket, key, cancellationToken);
}
