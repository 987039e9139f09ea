using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Engine.Extensions.Nats.Log;

/// <summary>What failures of the client and of the server mean, and which of them are worth another attempt.</summary>
internal static class Failures
{
    private const int NotFound = 404;
    private const int Unavailable = 503;
    private const int StreamNotFoundCode = 10059;
    private const int StreamExistsCode = 10058;

    private const int WrongLastSequenceCode = 10071;

    /// <summary>Not enough servers are up to make something.</summary>
    private const int NoPeersCode = 10005;

    public static bool IsStreamMissing(ApiError error) => error.ErrCode == StreamNotFoundCode;

    public static bool IsStreamExisting(ApiError error) => error.ErrCode == StreamExistsCode;

    /// <summary>Whether the stream has gone on from where it was expected to be.</summary>
    public static bool IsWrongLast(ApiError error) => error.ErrCode == WrongLastSequenceCode;

    public static bool IsNotFound(ApiError error) => error.Code == NotFound;

    /// <summary>Whether it is one of the network, of a server or of a cluster, rather than a bug or a disk.</summary>
    public static bool IsOfNetwork(Exception e) =>
        e is NatsException or OperationCanceledException or TimeoutException or IOException
            or System.Net.Sockets.SocketException;

    /// <summary>
    /// Whether it says that what was cancelled has ended. The client does not always call that a cancellation: what
    /// waited for an answer, and met its time limit in the same moment, is told that none came.
    /// </summary>
    /// <param name="e">What was thrown.</param>
    /// <param name="cancellationToken">What ends it.</param>
    public static bool IsEnd(Exception e, CancellationToken cancellationToken) =>
        e is OperationCanceledException || (cancellationToken.IsCancellationRequested && IsOfNetwork(e));

    /// <summary>As one of the exceptions of this package.</summary>
    public static ReplicaException Translate(INatsConnection connection, string what, Exception? e)
    {
        if (e is ReplicaException typed)
        {
            return typed;
        }

        if (connection.ConnectionState != NatsConnectionState.Open)
        {
            return new NoServerException(
                $"{what}: no server of {connection.Opts.Url} can be reached. Start one, or correct the address.", e);
        }

        if (e is NatsJSApiException { Error: { Code: not Unavailable, ErrCode: not NoPeersCode } error })
        {
            return IsStreamMissing(error)
                ? new StreamNotFoundException($"{what}: the stream does not exist any more: {error.Description}.", e)
                : new ReplicaException($"{what}: the server answered '{error.Description}' ({error.ErrCode}).", e);
        }

        return new NoQuorumException(
            $"{what}: the server is there, but nobody answers for the stream: too few servers of the cluster are up, "
            + "or they have no JetStream. Start them.",
            e);
    }
}
