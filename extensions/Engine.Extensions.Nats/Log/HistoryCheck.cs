using System.Diagnostics;
using Engine.Extensions.Nats.State;

namespace Engine.Extensions.Nats.Log;

/// <summary>Whether what a node has applied is what the stream has.</summary>
internal static class HistoryCheck
{
    /// <summary>Compares the last message that was applied with the stream's, if the stream still has it.</summary>
    public static async Task RequireSameAsync(
        LogStream stream, ulong applied, UInt128 digest, ReplicaOptions options, CancellationToken cancellationToken)
    {
        if (applied == 0)
        {
            return;
        }

        var state = await stream.GetStateAsync(cancellationToken).ConfigureAwait(false);
        await RequireLengthAsync(stream, state.LastSeq, applied, options, cancellationToken)
            .ConfigureAwait(false);
        if (applied < state.FirstSeq)
        {
            return;
        }

        var message = await stream.TryReadAsync(applied, cancellationToken).ConfigureAwait(false);
        if (message is not null && Progress.DigestOf(message) != digest)
        {
            throw new ReplicaHistoryException(
                $"Message {applied} of the stream {stream.Names.Stream} is not the one that this node has applied: the "
                + "stream has lost messages, or was restored from an older copy, and went on otherwise. Move the "
                + "directory of this node away to follow the stream from a snapshot.");
        }
    }

    /// <summary>
    /// A stream that is shorter than what was applied is asked again for a while before it is believed: a server that
    /// is cut off from the others takes some ten seconds to see that it is no leader any more, and says until then what
    /// it knew last.
    /// </summary>
    public static async Task RequireLengthAsync(
        LogStream stream, ulong last, ulong applied, ReplicaOptions options, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        while (last < applied && Stopwatch.GetElapsedTime(begun) < options.StalePatience)
        {
            await Task.Delay(options.MaxBackoff / 2, cancellationToken).ConfigureAwait(false);
            var state = await stream.GetStateAsync(cancellationToken).ConfigureAwait(false);
            last = state.LastSeq;
        }

        if (last < applied)
        {
            throw new ReplicaHistoryException(
                $"The stream {stream.Names.Stream} ends with message {last}, and this node has applied {applied}: the "
                + "stream has lost messages. Find out how, and move the directories of the nodes that are ahead away.");
        }
    }
}
