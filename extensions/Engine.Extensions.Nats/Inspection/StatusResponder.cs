using System.Globalization;
using System.Text.Json;
using Engine.Extensions.Nats.Log;
using Engine.Extensions.Nats.State;
using NATS.Client.Core;

namespace Engine.Extensions.Nats.Inspection;

/// <summary>Answers those who ask how this node is, and sends digests where a mark in the log says.</summary>
internal sealed class StatusResponder(LogStream stream, Replica replica)
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
                            JsonSerializer.SerializeToUtf8Bytes(NewReport(), ReportJson.Default.NodeReport),
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

    public DigestReport NewDigest(Snapshot snapshot, Progress progress, CancellationToken cancellationToken) =>
        TreeDigest.Report(
            replica.Status.Node, stream.Identity.Id, snapshot, progress, replica.GetTree, cancellationToken);

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
                var report = await Task.Run(() => NewDigest(snapshot, progress, cancellationToken), cancellationToken)
                    .ConfigureAwait(false);
                await SendAsync(
                    replyTo,
                    JsonSerializer.SerializeToUtf8Bytes(report, ReportJson.Default.DigestReport),
                    cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (Failures.IsOfNetwork(e) || e is ObjectDisposedException or DatabaseException)
        {
            // Whoever asked sees that there is no answer.
        }
    }

    private static TimeSpan MaxPause => TimeSpan.FromSeconds(1);

    private NodeReport NewReport()
    {
        var status = replica.Status;
        return new NodeReport
        {
            Node = status.Node,
            LogId = status.LogId,
            AppliedSequence = status.AppliedSequence,
            LastSequence = status.LastSequence,
            State = status.State,
            Trouble = status.Trouble?.Message,
            History = status.History.ToString("x32", CultureInfo.InvariantCulture),
            SnapshotSequence = replica.SnapshotSequence,
        };
    }

    private async Task SendAsync(string subject, byte[] report, CancellationToken cancellationToken) =>
        await stream.Connection.PublishAsync(
            subject, report, serializer: NatsRawSerializer<byte[]>.Default, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
}
