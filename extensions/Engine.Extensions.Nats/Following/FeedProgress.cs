using System.Buffers.Binary;
using Engine.Extensions.Nats.State;

namespace Engine.Extensions.Nats.Following;

/// <summary>
/// How far a database has followed a feed. Which messages count follows from them and from what counted before alone,
/// so that all nodes decide alike.
/// </summary>
/// <param name="Log">
/// The messages that were seen, and the last one of them that counted (<see cref="Progress.LastChange"/>).
/// </param>
/// <param name="Epoch">The epoch; 0 before the first.</param>
/// <param name="StateId">The last state that is complete.</param>
/// <param name="StateEpoch">The epoch that it was published in, whose primary's id it is.</param>
internal readonly record struct FeedProgress(Progress Log, ulong Epoch, ulong StateId, ulong StateEpoch)
{
    public const int Length = Progress.Length + 24;

    /// <summary>The part that comes next, if a state is not complete; it is not kept in the database.</summary>
    public ulong NextPart { get; private init; }

    /// <summary>The state that is not complete.</summary>
    public ulong OpenState { get; private init; }

    /// <summary>Whether parts of a state have come, and not all of them.</summary>
    public bool IsOpen => NextPart > 0;

    /// <summary>Sequence of the last message that counted.</summary>
    public ulong Accepted => Log.LastChange;

    public static FeedProgress Read(ReadOnlySpan<byte> bytes) => new(
        Progress.Read(bytes),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[Progress.Length..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[(Progress.Length + 8)..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[(Progress.Length + 16)..]));

    public void Write(Span<byte> bytes)
    {
        Log.Write(bytes);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[Progress.Length..], Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[(Progress.Length + 8)..], StateId);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[(Progress.Length + 16)..], StateEpoch);
    }

    /// <summary>As text, for the record of a snapshot.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        Write(bytes);
        return Convert.ToBase64String(bytes);
    }

    /// <summary>
    /// Whether a message counts: it is of this epoch, or begins the next, and follows the last that did.
    /// </summary>
    public bool Accepts(in FeedMessage message) => message.Kind switch
    {
        FeedKind.Epoch => message.After == Accepted && message.Epoch == Epoch + 1,
        FeedKind.Part => message.After == Accepted
            && message.Epoch == Epoch
            && Epoch > 0
            && (message.Part == 0 || (message.Part == NextPart && message.StateId == OpenState)),
        _ => false,
    };

    /// <summary>
    /// Compares what came before a message that begins an epoch, whether it counts or not: who wrote it right behind
    /// the last message has seen all that were seen here.
    /// </summary>
    /// <exception cref="ReplicaHistoryException">It was something else.</exception>
    public void RequireSameHistory(in FeedMessage message, ulong sequence)
    {
        if (message.Kind == FeedKind.Epoch && message.Last + 1 == sequence && message.History != Log.History)
        {
            throw new ReplicaHistoryException(
                $"Epoch {message.Epoch} begins with message {sequence} of another history than the one that this node "
                + "has applied. Find out which node is right, and move the directory of the other one away.");
        }
    }

    /// <summary>The progress after a message, which counts or not.</summary>
    public FeedProgress After(
        ulong sequence, long ticks, ReadOnlySpan<byte> data, in FeedMessage message, bool isAccepted)
    {
        var log = Log.After(sequence, ticks, data);
        if (!isAccepted)
        {
            return this with { Log = log };
        }

        log = log with { LastChange = sequence };
        return message.Kind == FeedKind.Epoch
            ? this with { Log = log, Epoch = message.Epoch, NextPart = 0, OpenState = 0 }
            : message.IsLast
                ? this with { Log = log, StateId = message.StateId, StateEpoch = Epoch, NextPart = 0, OpenState = 0 }
                : this with { Log = log, NextPart = message.Part + 1, OpenState = message.StateId };
    }
}
