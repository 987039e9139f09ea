using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Engine.Extensions.Nats.State;

/// <summary>
/// What replication keeps in the database itself, in the same transactions as the rest. All of it follows from the
/// log, so that it is equal on all nodes at the same sequence.
/// </summary>
internal static class StateTrees
{
    /// <summary>The log's identity, the progress, and when each tree was changed last.</summary>
    public const string State = "engine:replica";

    /// <summary>By writer: the number of its last message that was applied, and when.</summary>
    public const string Writers = "engine:replica-writers";

    /// <summary>By id of a batch: its outcome.</summary>
    public const string Ids = "engine:replica-ids";

    /// <summary>Ids in the order in which they are forgotten.</summary>
    public const string IdTimes = "engine:replica-id-times";

    public static ReadOnlySpan<byte> LogKey => "log"u8;

    public static ReadOnlySpan<byte> ProgressKey => "progress"u8;

    public static byte[] ChangeKey(string tree) => Encoding.UTF8.GetBytes($"tree/{tree}");

    /// <summary>What a database says about itself; false if it does not follow any log.</summary>
    public static bool TryRead(Database database, out LogIdentity log, out Progress progress)
    {
        using var read = database.BeginRead();
        return TryRead(read, out log, out progress);
    }

    [SuppressMessage("Usage", "ENGINE001", Justification = "It is the caller's transaction.")]
    public static bool TryRead(scoped in ReadTransaction read, out LogIdentity log, out Progress progress)
    {
        log = default;
        progress = default;
        if (!read.TryGetTree(State, out var reader)
            || !reader.TryGet(LogKey, out var identity) || identity.Length != LogIdentity.Length
            || !reader.TryGet(ProgressKey, out var bytes) || bytes.Length != Progress.Length)
        {
            return false;
        }

        log = LogIdentity.Read(identity);
        progress = Progress.Read(bytes);
        return true;
    }

    /// <summary>Makes the trees of a database that begins to follow a log.</summary>
    public static void Create(Database database, LogIdentity log) => database.Write(tx =>
    {
        var state = tx[tx.CreateTree(State)];
        tx.CreateTree(Writers);
        tx.CreateTree(Ids);
        tx.CreateTree(IdTimes);
        Span<byte> identity = stackalloc byte[LogIdentity.Length];
        log.Write(identity);
        state.Put(LogKey, identity);
        Span<byte> progress = stackalloc byte[Progress.Length];
        default(Progress).Write(progress);
        state.Put(ProgressKey, progress);
    });
}
