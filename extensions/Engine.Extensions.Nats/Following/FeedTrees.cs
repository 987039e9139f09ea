using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Engine.Extensions.Nats.State;

namespace Engine.Extensions.Nats.Following;

/// <summary>
/// What a node keeps in its database, in the same transactions as the rest: which feed it follows, how far, and whether
/// it may have commits that are not published.
/// </summary>
internal static class FeedTrees
{
    public const string Name = "engine:feed";

    /// <summary>The named snapshot of the state that the feed's last complete one is.</summary>
    public const string Published = "engine-feed-published";

    /// <summary>The named snapshot of the state that is being published.</summary>
    public const string Sending = "engine-feed-sending";

    private const string SnapshotTree = "engine:snapshots";
    private const int GuidLength = 16;

    private static ReadOnlySpan<byte> FeedKey => "feed"u8;

    private static ReadOnlySpan<byte> ProgressKey => "progress"u8;

    private static ReadOnlySpan<byte> NodeKey => "node"u8;

    private static ReadOnlySpan<byte> LedKey => "led"u8;

    private static ReadOnlySpan<byte> EpochPrefix => "epoch/"u8;

    /// <summary>Whether a tree is a node's own, and not published.</summary>
    public static bool IsOwn(string tree) => tree is Name or SnapshotTree;

    /// <summary>What a database says about itself; null if it follows no feed.</summary>
    public static FeedState? TryRead(Database database)
    {
        using var read = database.BeginRead();
        return TryRead(read);
    }

    [SuppressMessage("Usage", "ENGINE001", Justification = "It is the caller's transaction.")]
    public static FeedState? TryRead(scoped in ReadTransaction read)
    {
        if (!read.TryGetTree(Name, out var tree)
            || !tree.TryGet(FeedKey, out var feed) || feed.Length != LogIdentity.Length
            || !tree.TryGet(ProgressKey, out var progress) || progress.Length != FeedProgress.Length
            || !tree.TryGet(NodeKey, out var node) || node.Length != GuidLength)
        {
            return null;
        }

        return new FeedState(
            LogIdentity.Read(feed, isFeed: true),
            FeedProgress.Read(progress),
            new Guid(node),
            tree.ContainsKey(LedKey));
    }

    /// <summary>Makes the database one that follows a feed from some place on, with an identity of its own.</summary>
    public static void Create(Database database, LogIdentity feed, FeedProgress progress) => database.Write(tx =>
    {
        var tree = tx[tx.CreateTree(Name)];
        Span<byte> identity = stackalloc byte[LogIdentity.Length];
        feed.Write(identity);
        tree.Put(FeedKey, identity);
        Span<byte> node = stackalloc byte[GuidLength];
        Guid.NewGuid().TryWriteBytes(node);
        tree.Put(NodeKey, node);
        tree.Delete(LedKey);
        WriteProgress(tx, progress);
        tx.DeleteSnapshot(Published);
        tx.DeleteSnapshot(Sending);
    });

    public static void WriteProgress(WriteTransaction tx, FeedProgress progress)
    {
        Span<byte> bytes = stackalloc byte[FeedProgress.Length];
        progress.Write(bytes);
        tx[Name].Put(ProgressKey, bytes);
    }

    /// <summary>
    /// Keeps what an epoch ended with: a former primary that comes back when the stream does not reach so far any more
    /// learns of it what it had published.
    /// </summary>
    public static void NoteEnd(WriteTransaction tx, ulong epoch, FeedProgress progress)
    {
        Span<byte> state = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(state, progress.StateEpoch == epoch ? progress.StateId : 0);
        tx[Name].Put(EpochKey(epoch), state);
    }

    /// <summary>
    /// The last state that was published in an epoch that has ended, 0 if none was; null if it is not known.
    /// </summary>
    public static ulong? TryReadEnd(Database database, ulong epoch)
    {
        using var read = database.BeginRead();
        return read.TryGetTree(Name, out var tree) && tree.TryGet(EpochKey(epoch), out var state)
            ? BinaryPrimitives.ReadUInt64LittleEndian(state)
            : null;
    }

    /// <summary>From here on the database may have commits that are not published.</summary>
    public static void BeginToLead(WriteTransaction tx) => tx[Name].Put(LedKey, []);

    /// <summary>The database has no commits that are not published.</summary>
    public static void EndToLead(WriteTransaction tx)
    {
        tx[Name].Delete(LedKey);
        tx.DeleteSnapshot(Published);
        tx.DeleteSnapshot(Sending);
    }

    /// <summary>Says which state is published, and which one is to be.</summary>
    public static void NameStates(WriteTransaction tx, Snapshot? published, Snapshot? sending)
    {
        tx.DeleteSnapshot(Published);
        tx.DeleteSnapshot(Sending);
        if (published is not null)
        {
            tx.CreateSnapshot(Published, published);
        }

        if (sending is not null)
        {
            tx.CreateSnapshot(Sending, sending);
        }
    }

    public static Snapshot? TryOpen(Database database, string name) =>
        database.TryOpenSnapshot(name, out var snapshot) ? snapshot : null;

    /// <summary>What two states have not in common, nodes' own trees aside.</summary>
    public static List<ChangedTree> ChangedTrees(Snapshot older, Snapshot newer) =>
        [.. newer.GetChangedTrees(older, includeInternal: true).Where(static tree => !IsOwn(tree.Name))];

    /// <summary>Takes note that the state that was being published is.</summary>
    /// <returns>False if that is not this one.</returns>
    public static bool TryNameSent(Database database, ulong stateId)
    {
        using var sending = TryOpen(database, Sending);
        if (sending?.TransactionId != stateId)
        {
            return false;
        }

        database.Write(tx => NameStates(tx, sending, null));
        return true;
    }

    /// <summary>Whether a database that led has commits that are not published, or may have.</summary>
    public static bool HasUnpublished(Database database)
    {
        using var published = TryOpen(database, Published);
        if (published is null)
        {
            return true;
        }

        using var newest = database.OpenSnapshot();
        return ChangedTrees(published, newest).Count > 0;
    }

    private static byte[] EpochKey(ulong epoch)
    {
        var key = new byte[EpochPrefix.Length + sizeof(ulong)];
        EpochPrefix.CopyTo(key);
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(EpochPrefix.Length), epoch);
        return key;
    }
}
