using System.Globalization;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Engine.Extensions.Nats.Snapshots;

/// <summary>
/// Asks for the chunks of an object one by one, several at the same time. The server that the client is connected to
/// answers from its own copy, where a consumer may be on another one, and everything would pass through two.
/// </summary>
internal sealed class DirectChunks(NatsJSContext context, string bucket)
{
    private const int ChunksAhead = 16;
    private const string SequenceHeader = "Nats-Sequence";

    /// <summary>Fetches chunks in order, from behind a place on, until there are as many as the object has.</summary>
    /// <exception cref="NatsException">
    /// A server did not answer, or has not got so far: there may be another way.
    /// </exception>
    public async Task ReadOnAsync(
        string nuid,
        uint chunks,
        ObjectPlace place,
        Func<NatsMemoryOwner<byte>, ValueTask> take,
        CancellationToken cancellationToken)
    {
        var asked = new Queue<Task<NatsMsg<NatsMemoryOwner<byte>>>>();
        var next = place.Sequence + 1;
        while (place.Chunks < chunks)
        {
            // Chunks follow each other in the stream, unless somebody else writes there too. No sequence is left out:
            // whatever one is asked for, the first chunk from it on is the answer.
            for (; asked.Count < Math.Min(ChunksAhead, chunks - place.Chunks); next++)
            {
                asked.Enqueue(AskAsync(nuid, next, cancellationToken));
            }

            var answer = await asked.Dequeue().ConfigureAwait(false);
            if (answer.Headers is not { } headers
                || !headers.TryGetValue(SequenceHeader, out var text)
                || !ulong.TryParse(text.ToString(), CultureInfo.InvariantCulture, out var sequence))
            {
                throw new NatsException($"A chunk is not to be had: {answer.Headers?.MessageText}");
            }

            if (sequence <= place.Sequence)
            {
                // Asked for from further back, across a gap.
                answer.Data.Dispose();
                continue;
            }

            var length = answer.Data.Length;
            await take(answer.Data).ConfigureAwait(false);
            place.Pass(sequence, length);
            next = Math.Max(next, sequence + 1);
        }
    }

    private Task<NatsMsg<NatsMemoryOwner<byte>>> AskAsync(
        string nuid, ulong from, CancellationToken cancellationToken)
    {
        var request = string.Create(
            CultureInfo.InvariantCulture, $$"""{"seq":{{from}},"next_by_subj":"$O.{{bucket}}.C.{{nuid}}"}""");
        return context.Connection.RequestAsync<string, NatsMemoryOwner<byte>>(
            $"{context.Opts.Prefix}.DIRECT.GET.OBJ_{bucket}",
            request,
            requestSerializer: NatsUtf8PrimitivesSerializer<string>.Default,
            replySerializer: NatsRawSerializer<NatsMemoryOwner<byte>>.Default,
            cancellationToken: cancellationToken).AsTask();
    }
}
