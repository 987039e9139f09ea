using System.Text.Json;
using Engine.Extensions.Nats.Inspection;
using Engine.Extensions.Nats.Log;
using Engine.Extensions.Nats.State;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Engine.Extensions.Nats;

/// <summary>Asks the nodes of a replicated database how they are; is none of them. Thread-safe.</summary>
public static class ReplicaInspector
{
    /// <summary>
    /// Asks the stream how far it is, and all nodes how far they are; and, if wanted, for digests of all trees at one
    /// sequence, that of a message that this writes to the log.
    /// </summary>
    /// <param name="connection">A connection to the servers.</param>
    /// <param name="name">Name of the replicated database.</param>
    /// <param name="withDigests">Whether nodes are to compute digests; each reads its whole database for that.</param>
    /// <param name="wait">How long to wait for nodes; for digests, until all that answered have sent theirs.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="NoServerException">No server can be reached.</exception>
    /// <exception cref="NoQuorumException">There are too few servers.</exception>
    /// <exception cref="StreamNotFoundException">There is no stream.</exception>
    /// <exception cref="StreamMismatchException">The stream is not one of this package.</exception>
    public static Task<ClusterReport> AskAsync(
        INatsConnection connection,
        string name,
        bool withDigests,
        TimeSpan wait,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return AskAsync(connection, name, withDigests, wait, static _ => false, cancellationToken);
    }

    /// <summary>The same, without waiting for more nodes when those are enough that have answered.</summary>
    internal static async Task<ClusterReport> AskAsync(
        INatsConnection connection,
        string name,
        bool withDigests,
        TimeSpan wait,
        Func<IReadOnlyList<NodeReport>, bool> isEnough,
        CancellationToken cancellationToken)
    {
        var options = new ReplicaOptions { Name = name, Directory = ".", CreateStream = false };
        options.Validate();
        var stream = await LogStream.OpenAsync(connection, options, isFeed: null, cancellationToken)
            .ConfigureAwait(false);
        var nodes = await AskNodesAsync(
            connection, name, isEnough, wait < OneSecond ? wait : OneSecond, cancellationToken).ConfigureAwait(false);
        ulong? sequence = null;
        List<DigestReport> digests = [];
        if (withDigests)
        {
            digests = await CollectAsync(
                connection,
                async inbox =>
                {
                    if (stream.Identity.IsFeed)
                    {
                        // Nobody but the primary writes to its stream.
                        await connection.PublishAsync(
                            stream.Names.MarkSubject, replyTo: inbox, cancellationToken: cancellationToken)
                            .ConfigureAwait(false);
                        return;
                    }

                    sequence = await MarkAsync(stream, inbox, cancellationToken).ConfigureAwait(false);
                },
                ReportJson.Default.DigestReport,
                answers => answers.Count >= nodes.Count,
                wait,
                cancellationToken).ConfigureAwait(false);
        }

        sequence ??= digests.Count > 0 ? digests.Max(static digest => digest.Sequence) : null;
        var state = await stream.GetStateAsync(cancellationToken).ConfigureAwait(false);
        return new ClusterReport
        {
            Name = name,
            LogId = stream.Identity.Id,
            FirstSequence = state.FirstSeq,
            LastSequence = state.LastSeq,
            Bytes = state.Bytes,
            Nodes = [.. nodes.OrderBy(static node => node.Node, StringComparer.Ordinal)],
            Digests = [.. digests.Where(digest => digest.Sequence == sequence)
                .OrderBy(static digest => digest.Node, StringComparer.Ordinal)],
            DigestSequence = sequence,
        };
    }

    /// <summary>
    /// Digests of all trees of a database that is a node's, open there or not, without asking a server. Reads all of
    /// it.
    /// </summary>
    /// <param name="database">The database, which may be open read-only.</param>
    /// <param name="node">What the report is to call the node.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="StreamMismatchException">The database is no replica.</exception>
    public static DigestReport ReadDigest(
        Database database, string node, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(database);
        using var snapshot = database.OpenSnapshot();
        using var read = snapshot.BeginRead();
        return TryReadProgress(read, out var log, out var progress)
            ? TreeDigest.Report(node, log.Id, snapshot, progress, cancellationToken)
            : throw new StreamMismatchException(
                $"The database {database.Path} is no replica: it does not say which log it follows.");
    }

    private static bool TryReadProgress(
        scoped in ReadTransaction read, out LogIdentity log, out Progress progress)
    {
        if (StateTrees.TryRead(read, out log, out progress))
        {
            return true;
        }

        var feed = Following.FeedTrees.TryRead(read);
        log = feed?.Feed ?? default;
        progress = feed?.Progress.Log ?? default;
        return feed is { HasLed: false };
    }

    /// <summary>How the nodes are that answer, until there are enough of them or it is time.</summary>
    internal static Task<List<NodeReport>> AskNodesAsync(
        INatsConnection connection,
        string name,
        Func<IReadOnlyList<NodeReport>, bool> isEnough,
        TimeSpan wait,
        CancellationToken cancellationToken) =>
        CollectAsync(
            connection,
            inbox => connection.PublishAsync(
                new ReplicaNames(name).StatusSubject, replyTo: inbox, cancellationToken: cancellationToken),
            ReportJson.Default.NodeReport,
            isEnough,
            wait,
            cancellationToken);

    private static TimeSpan OneSecond => TimeSpan.FromSeconds(1);

    private static async Task<ulong> MarkAsync(LogStream stream, string inbox, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await stream.Context.PublishAsync(
                stream.Names.LogSubject,
                Envelope.OfMark(inbox),
                NatsRawSerializer<byte[]>.Default,
                cancellationToken: cancellationToken).ConfigureAwait(false);
            answer.EnsureSuccess();
            return answer.Seq;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Failures.IsOfNetwork(e))
        {
            throw Failures.Translate(stream.Connection, "Writing a mark to the log", e);
        }
    }

    /// <summary>Asks, and takes what comes, until there are enough answers or it is time.</summary>
    private static async Task<List<T>> CollectAsync<T>(
        INatsConnection connection,
        Func<string, ValueTask> ask,
        System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type,
        Func<IReadOnlyList<T>, bool> isEnough,
        TimeSpan wait,
        CancellationToken cancellationToken)
    {
        var answers = new List<T>();
        var inbox = connection.NewInbox();
        var subscription = await connection.SubscribeCoreAsync(
            inbox, serializer: NatsRawSerializer<byte[]>.Default, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        await using (subscription.ConfigureAwait(false))
        {
            await ask(inbox).ConfigureAwait(false);
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(wait);
            try
            {
                while (!isEnough(answers))
                {
                    var message = await subscription.Msgs.ReadAsync(timeout.Token).ConfigureAwait(false);
                    if (message.Data is { Length: > 0 } data && JsonSerializer.Deserialize(data, type) is { } answer)
                    {
                        answers.Add(answer);
                    }
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // It is time.
            }
        }

        return answers;
    }
}
