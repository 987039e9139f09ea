using System.Diagnostics;
using Engine.Extensions.Nats.Coordination;
using Engine.Extensions.Nats.Log;
using NATS.Client.JetStream;

namespace Engine.Extensions.Nats.Following;

/// <summary>
/// A follower's attempts to become the primary: it waits for the lease, then until it has applied all that the stream
/// has, and writes that its epoch begins, on condition that nothing else was written meanwhile. Whether it has begun is
/// for the stream to say: the applier sees the message, or another one in its place.
/// </summary>
/// <param name="stream">The stream.</param>
/// <param name="lease">The lease.</param>
/// <param name="options">Options.</param>
/// <param name="applier">Applies what comes.</param>
/// <param name="resignedAt">When this node gave the lease up, so that others come first; null if it did not.</param>
internal sealed class FeedClaim(
    LogStream stream, Lease lease, FeedNodeOptions options, FeedApplier applier, long? resignedAt)
    : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private LeaseGrip? _grip;

    /// <summary>Why it does not come to it; null if nothing is wrong.</summary>
    public Exception? Trouble { get; private set; }

    /// <summary>Gives the lease to whoever asks, once.</summary>
    public LeaseGrip? Take()
    {
        var grip = _grip;
        _grip = null;
        return grip;
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (resignedAt is { } then && Stopwatch.GetElapsedTime(then) is var past && past < options.PrimaryLease)
            {
                await Task.Delay(options.PrimaryLease - past, cancellationToken).ConfigureAwait(false);
            }

            while (true)
            {
                _grip ??= await lease.TryAcquireAsync(cancellationToken).ConfigureAwait(false);
                if (_grip is not null)
                {
                    await ClaimAsync(_grip, cancellationToken).ConfigureAwait(false);
                    await DisposeAsync().ConfigureAwait(false);
                }

                await Task.Delay(options.PrimaryLease / 8, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (Failures.IsEnd(e, cancellationToken))
        {
            // The node leads, or is being closed, or begins anew.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Take() is { } grip)
        {
            await grip.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Claims until the lease is lost. Whoever runs this cancels it when the claim has come to be.</summary>
    private async Task ClaimAsync(LeaseGrip grip, CancellationToken cancellationToken)
    {
        using var held = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, grip.Lost);
        try
        {
            while (grip.IsHeld)
            {
                try
                {
                    await ClaimOnceAsync(held.Token).ConfigureAwait(false);
                    Trouble = null;
                }
                catch (Exception e) when (!held.IsCancellationRequested && Failures.IsOfNetwork(e))
                {
                    Trouble = Failures.Translate(stream.Connection, "Beginning an epoch", e);
                    await Task.Delay(options.MinBackoff, held.Token).ConfigureAwait(false);
                }
                catch (ReplicaException e)
                {
                    // What does not pass, who follows the stream meets, too, and says so.
                    Trouble = e;
                    await Task.Delay(options.MinBackoff, held.Token).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Failures.IsEnd(e, held.Token))
        {
            // The lease is lost.
        }
    }

    private async Task ClaimOnceAsync(CancellationToken cancellationToken)
    {
        var state = await stream.GetStateAsync(cancellationToken).ConfigureAwait(false);
        await WaitUntilSeenAsync(state.LastSeq, cancellationToken).ConfigureAwait(false);
        var seen = applier.Seen.Value;
        var last = seen.Log.Applied;
        var epoch = seen.Epoch + 1;
        var claim = Guid.NewGuid();
        applier.Expect(claim);
        var message = FeedMessage.OfEpoch(
            epoch, seen.Accepted, last, seen.Log.History, seen.StateId, applier.Node, claim, options.NodeName);
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(options.RequestTimeout);
            var answer = await stream.Context.PublishAsync(
                stream.Names.LogSubject,
                message,
                NATS.Client.Core.NatsRawSerializer<byte[]>.Default,
                new NatsJSPubOpts
                {
                    ExpectedStream = stream.Names.Stream,
                    ExpectedLastSequence = last,
                    RetryAttempts = 1,
                },
                headers: null,
                timeout.Token).ConfigureAwait(false);
            answer.EnsureSuccess();
        }
        catch (NatsJSApiException e) when (Failures.IsWrongLast(e.Error))
        {
            // Something else came first, this very message, perhaps, whose answer was lost.
        }

        await WaitUntilSeenAsync(last + 1, cancellationToken).ConfigureAwait(false);

        // If it counted, the applier comes to rest, and whoever runs this cancels it.
        while (applier.Seen.Value.Log.Applied == last + 1 && applier.Seen.Value.Epoch == epoch)
        {
            await Task.Delay(Look, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task WaitUntilSeenAsync(ulong sequence, CancellationToken cancellationToken)
    {
        while (applier.Seen.Value.Log.Applied < sequence)
        {
            await Task.Delay(Look, cancellationToken).ConfigureAwait(false);
        }
    }
}
