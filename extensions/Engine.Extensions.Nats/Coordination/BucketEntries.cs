using System.Text;
using Engine.Extensions.Nats.Log;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using NATS.Client.KeyValueStore;

namespace Engine.Extensions.Nats.Coordination;

/// <summary>Entries of a key-value bucket, as its leader has them: what any server answers may be old.</summary>
internal static class BucketEntries
{
    /// <summary>A value and its revision; null and 0 if there is none.</summary>
    public static async Task<(string? Value, ulong Revision)> ReadAsync(
        INatsJSContext context, string bucket, string key, CancellationToken cancellationToken)
    {
        try
        {
            var stream = await context.GetStreamAsync($"KV_{bucket}", null, cancellationToken).ConfigureAwait(false);
            var entry = await stream.GetAsync(
                new StreamMsgGetRequest { LastBySubj = $"$KV.{bucket}.{key}" }, cancellationToken)
                .ConfigureAwait(false);
            return (Encoding.UTF8.GetString(entry.Message.Data.Span), entry.Message.Seq);
        }
        catch (NatsJSApiException e) when (Failures.IsNotFound(e.Error) && !Failures.IsStreamMissing(e.Error))
        {
            return (null, 0);
        }
    }

    /// <summary>Writes a value, unless another one was written after a revision; 0 for none at all.</summary>
    public static async Task<bool> TryWriteAsync(
        INatsKVStore bucket, string key, string value, ulong revision, CancellationToken cancellationToken)
    {
        try
        {
            if (revision == 0)
            {
                await bucket.CreateAsync(key, value, null, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await bucket.UpdateAsync(key, value, revision, null, cancellationToken).ConfigureAwait(false);
            }

            return true;
        }
        catch (Exception e) when (e is NatsKVWrongLastRevisionException or NatsKVCreateException)
        {
            return false;
        }
    }
}
