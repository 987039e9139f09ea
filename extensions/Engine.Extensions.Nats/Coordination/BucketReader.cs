using Engine.Extensions.Nats.Log;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Engine.Extensions.Nats.Coordination;

/// <summary>
/// Reads a key-value bucket as its leader has it: what any server answers may be old, and one that came back from a
/// long absence may answer so for as long as it likes.
/// </summary>
internal static class BucketReader
{
    /// <returns>The value and its revision, the value empty if it was deleted; null if it never was.</returns>
    public static async Task<(ReadOnlyMemory<byte> Value, ulong Revision)?> TryReadAsync(
        INatsJSContext context, string bucket, string key, CancellationToken cancellationToken)
    {
        try
        {
            var stream = await context.GetStreamAsync($"KV_{bucket}", null, cancellationToken).ConfigureAwait(false);
            var entry = await stream.GetAsync(
                new StreamMsgGetRequest { LastBySubj = $"$KV.{bucket}.{key}" }, cancellationToken)
                .ConfigureAwait(false);
            return (entry.Message.Data, entry.Message.Seq);
        }
        catch (NatsJSApiException e) when (Failures.IsNotFound(e.Error) && !Failures.IsStreamMissing(e.Error))
        {
            return null;
        }
    }
}
