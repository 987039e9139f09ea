using System.Text.Json;
using Engine.Extensions.Nats.Log;
using Engine.Extensions.Nats.State;
using NATS.Client.Core;

namespace Engine.Extensions.Nats.Inspection;

/// <summary>Answers those who ask how this node is, and sends digests where a mark in the log says.</summary>
/// <param name="stream">The log.</param>
/// <param name="report">Says how the node is.</param>
/// <param name="digest">Computes digests of a state.</param>
internal sealed class StatusResponder(
    LogStream stream, Func<NodeReport> report, Func<Snapshot, Progress, CancellationToken, DigestReport> digest)
{
    /// <summary>Marks that are older than this are passed over: a node that catches up meets many.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    private Task _last = Task.CompletedTask;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var request in stream.Connection
                    .SubscribeAsync(
                        stream.Names.StatusSubject,
                        serializer: NatsRawSerializer<byte[]>.Default,
                        cancellationToken: cancellationToken)
                    .ConfigureAwait(false))
                {
                    if (request.ReplyTo is { } replyTo)
                    {
                        await SendAsync(
                            replyTo,
                            JsonSerializer.SerializeToUtf8Bytes(report(), ReportJson.Default.NodeReport),
                            cancellationToken).ConfigureAwait(false);
                    }
                }
            }
            catch (Exception e) when (Failures.IsOfNetwork(e) || e is ObjectDisposedException)
            {
                if (!cancellationToken.IsCancellationRequested)
                {
                    await Task.Delay(MaxPause, CancellationToken.None).ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>
    /// Computes digests of a state, which it disposes, and sends them; one after the other. Called by one thread at a
    /// time.
    /// </summary>
    public void AnswerMark(string replyTo, Snapshot snapshot, Progress progress, CancellationToken cancellationToken) =>
        _last = AnswerMarkAsync(_last, replyTo, snapshot, progress, cancellationToken);

    private async Task AnswerMarkAsync(
        Task before, string replyTo, Snapshot snapshot, Progress progress, CancellationToken cancellationToken)
    {
        try
        {
            using (snapshot)
            {
                if (DateTime.UtcNow.Ticks - progress.Ticks > MaxAge.Ticks)
                {
                    return;
                }

                await before.ConfigureAwait(false);
                var answer = await Task.Run(() => digest(snapshot, progress, cancellationToken), cancellationToken)
                    .ConfigureAwait(false);
                await SendAsync(
                    replyTo,
                    JsonSerializer.SerializeToUtf8Bytes(answer, ReportJson.Default.DigestReport),
                    cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (Failures.IsOfNetwork(e) || e is ObjectDisposedException or DatabaseException)
        {
            // Whoever asked sees that there is no answer.
        }
    }

    private static TimeSpan MaxPause => TimeSpan.FromSeconds(1);

    private async Task SendAsync(string subject, byte[] report, CancellationToken cancellationToken) =>
        await stream.Connection.PublishAsync(
            subject, report, serializer: NatsRawSerializer<byte[]>.Default, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
}
