using Engine.Extensions.Nats.Coordination;
using Engine.Extensions.Nats.Log;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Engine.Extensions.Nats.Following;

/// <summary>
/// Sends the messages of a primary, one after the other, each on condition that the stream ends with the last one that
/// is known here: so what another primary has begun is never written behind.
/// </summary>
internal sealed class FeedSender(LogStream stream, FeedNodeOptions options, LeaseGrip grip, FeedProgress progress)
{
    private FeedProgress _now = progress;

    /// <summary>How far the stream is, in a state that is not complete, too.</summary>
    public FeedProgress Now => _now;

    /// <summary>Why messages do not get through; null while they do.</summary>
    public Exception? Trouble { get; private set; }

    /// <summary>Sends a message until the stream has it, right behind the last one.</summary>
    /// <param name="encode">Makes the message, which says what it follows.</param>
    /// <param name="id">By which the server knows it if it comes twice.</param>
    /// <param name="cancellationToken">Ends it; the stream may have the message.</param>
    public async Task SendAsync(Func<byte[]> encode, string id, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(options);
        while (true)
        {
            RequireLease();
            var message = encode();
            var last = _now.Log.Applied;
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(options.RequestTimeout);
            try
            {
                var answer = await stream.Context.PublishAsync(
                    stream.Names.LogSubject,
                    message,
                    NatsRawSerializer<byte[]>.Default,
                    new NatsJSPubOpts
                    {
                        MsgId = id,
                        ExpectedStream = stream.Names.Stream,
                        ExpectedLastSequence = last,
                        RetryAttempts = 1,
                    },
                    headers: null,
                    timeout.Token).ConfigureAwait(false);
                answer.EnsureSuccess();
                Trouble = null;
                if (answer.Seq == last + 1)
                {
                    See(last + 1, message);
                    return;
                }
            }
            catch (Exception e) when (e is NatsJSDuplicateMessageException
                || (e is NatsJSApiException api && Failures.IsWrongLast(api.Error)))
            {
                // The stream has gone on: with this message, if its answer was lost, or with another one's.
                ReplicaMeter.Refused.Add(1);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && Failures.IsOfNetwork(e))
            {
                Trouble = Failures.Translate(stream.Connection, "Publishing a state", e);
                await backoff.Wait(cancellationToken).ConfigureAwait(false);
            }

            if (await FindAsync(message, backoff, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    /// <summary>Reads what the stream has behind the last message that was seen.</summary>
    /// <returns>Whether the message is there, and counts.</returns>
    /// <exception cref="ReplicaHistoryException">The stream has lost messages.</exception>
    private async Task<bool> FindAsync(byte[] message, Backoff backoff, CancellationToken cancellationToken)
    {
        try
        {
            var state = await stream.GetStateAsync(cancellationToken).ConfigureAwait(false);
            if (state.LastSeq <= _now.Log.Applied)
            {
                // Not there yet, or the server is no leader any more; or what was there is gone.
                await HistoryCheck.RequireLengthAsync(
                    stream, state.LastSeq, _now.Log.Applied, options, cancellationToken).ConfigureAwait(false);
                await backoff.Wait(cancellationToken).ConfigureAwait(false);
            }

            while (_now.Log.Applied < state.LastSeq)
            {
                var sequence = _now.Log.Applied + 1;
                var found = await stream.TryReadAsync(sequence, cancellationToken).ConfigureAwait(false)
                    ?? throw new DeposedException(
                        $"Message {sequence} is gone before this primary has seen it: others have gone on.");
                var accepted = _now.Accepted;
                See(sequence, found);
                if (found.AsSpan().SequenceEqual(message))
                {
                    Trouble = null;
                    return true;
                }

                if (_now.Accepted != accepted)
                {
                    // What is to be sent is the difference to what was before it.
                    throw new DeposedException(
                        $"Message {sequence} is one of this epoch, and not of this primary as it knows itself.");
                }
            }
        }
        catch (Exception e) when (e is NoServerException or NoQuorumException)
        {
            Trouble = e;
            await backoff.Wait(cancellationToken).ConfigureAwait(false);
        }

        return false;
    }

    private void See(ulong sequence, byte[] data)
    {
        var message = FeedMessage.Read(data, sequence);
        _now.RequireSameHistory(message, sequence);
        var isAccepted = _now.Accepts(message);
        if (isAccepted && message.Kind == FeedKind.Epoch)
        {
            throw new DeposedException($"Epoch {message.Epoch} has begun with message {sequence}: another node leads.");
        }

        _now = _now.After(sequence, DateTime.UtcNow.Ticks, data, message, isAccepted);
    }

    private void RequireLease()
    {
        if (!grip.IsHeld)
        {
            throw new DeposedException("The lease of the primary is lost: it could not be renewed in time.");
        }
    }
}
