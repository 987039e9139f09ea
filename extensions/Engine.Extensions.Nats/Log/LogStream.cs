using Engine.Extensions.Nats.State;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Engine.Extensions.Nats.Log;

/// <summary>The stream that is the log: made, found, asked how far it is, read and cut off. Thread-safe.</summary>
internal sealed class LogStream
{
    private readonly ReplicaOptions _options;

    private LogStream(INatsConnection connection, ReplicaNames names, ReplicaOptions options)
    {
        Connection = connection;
        Names = names;
        _options = options;
        Context = new NatsJSContext(connection);
    }

    public INatsConnection Connection { get; }

    public NatsJSContext Context { get; }

    public ReplicaNames Names { get; }

    public LogIdentity Identity { get; private set; }

    /// <summary>Finds the stream, or makes it.</summary>
    /// <param name="connection">The connection to the servers.</param>
    /// <param name="options">What it is called, and whether it may be made.</param>
    /// <param name="isFeed">Whether it has to be one that a primary writes; null if it may be either.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<LogStream> OpenAsync(
        INatsConnection connection, ReplicaOptions options, bool? isFeed, CancellationToken cancellationToken)
    {
        var stream = new LogStream(connection, new ReplicaNames(options.Name), options);
        var info = await stream.FindAsync(cancellationToken).ConfigureAwait(false)
            ?? await stream.CreateAsync(isFeed ?? false, cancellationToken).ConfigureAwait(false);
        stream.Identity = LogIdentity.Parse(stream.Names.Stream, info.Config.Description);
        return isFeed is null || stream.Identity.IsFeed == isFeed
            ? stream
            : throw new StreamMismatchException(stream.Identity.IsFeed
                ? $"The stream {stream.Names.Stream} is that of a primary with followers. Open it with FeedNode, or "
                    + "give the replica another name."
                : $"The stream {stream.Names.Stream} is the log of replicas that write through it. Open it with "
                    + "Replica, or give the node another name.");
    }

    /// <summary>How far the stream is. Fails if it was deleted, or deleted and made anew.</summary>
    public async Task<StreamState> GetStateAsync(CancellationToken cancellationToken)
    {
        var info = await FindAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new StreamNotFoundException(
                $"The stream {Names.Stream} was deleted. Restore it, or move the directories of all nodes away.");
        var identity = LogIdentity.Parse(Names.Stream, info.Config.Description);
        return identity == Identity
            ? info.State
            : throw new StreamMismatchException(
                $"The stream {Names.Stream} was deleted and made anew: it is the log {identity.Id}, and this node "
                + $"follows {Identity.Id}. Move the directory of this node away if the new one is meant.");
    }

    /// <summary>The bytes of a message, null if the stream does not have it any more.</summary>
    public async Task<byte[]?> TryReadAsync(ulong sequence, CancellationToken cancellationToken)
    {
        try
        {
            var stream = await Context.GetStreamAsync(Names.Stream, null, cancellationToken).ConfigureAwait(false);
            var answer = await stream.GetAsync(new StreamMsgGetRequest { Seq = sequence }, cancellationToken)
                .ConfigureAwait(false);
            return answer.Message.Data.ToArray();
        }
        catch (NatsJSApiException e) when (Failures.IsNotFound(e.Error) && !Failures.IsStreamMissing(e.Error))
        {
            return null;
        }
        catch (Exception e) when (e is not OperationCanceledException && Failures.IsOfNetwork(e))
        {
            throw Failures.Translate(Connection, $"Reading message {sequence}", e);
        }
    }

    /// <summary>Lets the messages below a sequence go.</summary>
    public async Task PurgeAsync(ulong before, CancellationToken cancellationToken) =>
        await Context.PurgeStreamAsync(Names.Stream, new StreamPurgeRequest { Seq = before }, cancellationToken)
            .ConfigureAwait(false);

    /// <summary>
    /// A consumer of the messages from one on, which ends by itself soon after nobody asks it any more.
    /// </summary>
    public async Task<INatsJSConsumer> CreateConsumerAsync(ulong from, CancellationToken cancellationToken) =>
        await Context.CreateConsumerAsync(
            Names.Stream,
            new ConsumerConfig
            {
                DeliverPolicy = ConsumerConfigDeliverPolicy.ByStartSequence,
                OptStartSeq = from,
                AckPolicy = ConsumerConfigAckPolicy.None,
                MemStorage = true,
                NumReplicas = 1,
                InactiveThreshold = TimeSpan.FromSeconds(30),
            },
            cancellationToken).ConfigureAwait(false);

    private async Task<StreamInfo?> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            var stream = await Context.GetStreamAsync(Names.Stream, null, cancellationToken).ConfigureAwait(false);
            return stream.Info;
        }
        catch (NatsJSApiException e) when (Failures.IsStreamMissing(e.Error))
        {
            return null;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Failures.IsOfNetwork(e))
        {
            throw Failures.Translate(Connection, $"Asking for the stream {Names.Stream}", e);
        }
    }

    private async Task<StreamInfo> CreateAsync(bool isFeed, CancellationToken cancellationToken)
    {
        if (!_options.CreateStream)
        {
            throw new StreamNotFoundException(
                $"There is no stream {Names.Stream}, and ReplicaOptions.CreateStream is false. Make it with a first "
                + "node that may.");
        }

        try
        {
            var stream = await Context.CreateStreamAsync(
                new StreamConfig(Names.Stream, [Names.LogSubject])
                {
                    Description = new LogIdentity(
                        Guid.NewGuid(), _options.PageSize, _options.Shard, isFeed).Description,
                    Storage = StreamConfigStorage.File,
                    Retention = StreamConfigRetention.Limits,
                    Discard = StreamConfigDiscard.New,
                    NumReplicas = _options.Replicas,
                    DenyDelete = true,
                    MaxMsgs = -1,
                    MaxBytes = -1,
                    DuplicateWindow = TimeSpan.FromMinutes(2),
                },
                cancellationToken).ConfigureAwait(false);
            return stream.Info;
        }
        catch (NatsJSApiException e) when (Failures.IsStreamExisting(e.Error))
        {
            // Another node made it in between, with an identity of its own, which is the one that counts.
            return await FindAsync(cancellationToken).ConfigureAwait(false)
                ?? throw new StreamNotFoundException($"The stream {Names.Stream} comes and goes.");
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Failures.IsOfNetwork(e))
        {
            throw Failures.Translate(Connection, $"Making the stream {Names.Stream}", e);
        }
    }
}
