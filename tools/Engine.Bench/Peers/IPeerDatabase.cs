using Engine.Bench.Data;

namespace Engine.Bench.Peers;

/// <summary>
/// An open database of a peer. Every member is a whole loop: each engine's loop is written the way its user would write
/// it, and the comparison pays no interface call per operation. Loops take a range of positions, so that a warm-up can
/// call them often.
/// </summary>
internal interface IPeerDatabase : IDisposable
{
    /// <summary>Calls into native code since the database was opened.</summary>
    CallCount Calls { get; }

    /// <summary>Inserts or overwrites, so many per transaction.</summary>
    void Put(in KeyStream keys, in ValueSource values, OperationRange range, int perTransaction, CommitKind commit);

    /// <summary>Deletes, so many per transaction; the digest holds whether each key was there.</summary>
    Digest Delete(in KeyStream keys, OperationRange range, int perTransaction, CommitKind commit);

    /// <summary>
    /// Puts entries whose keys ascend and are above all others, in one transaction, the fastest way the engine has.
    /// </summary>
    void Load(in KeyStream keys, in ValueSource values, OperationRange range, CommitKind commit);

    /// <summary>
    /// Deletes the entries with from ≤ key &lt; to, in one transaction, the fastest way the engine has.
    /// </summary>
    /// <returns>How many there were.</returns>
    long DeleteRange(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, CommitKind commit);

    /// <summary>Looks up keys in one read transaction.</summary>
    Digest Get(in KeyStream keys, OperationRange range);

    /// <summary>
    /// Looks up keys that are known beforehand in one read transaction, the fastest way the engine has.
    /// </summary>
    Digest GetMany(in KeyStream keys, OperationRange range);

    /// <summary>
    /// Looks up keys, each in a read transaction of its own, begun and ended the fastest way the engine has.
    /// </summary>
    Digest GetInOwnTransactions(in KeyStream keys, OperationRange range);

    /// <summary>Reads every entry in order.</summary>
    Digest Scan(bool reverse);

    /// <summary>
    /// For each key: positions on it and reads it and up to <paramref name="following"/> entries after it.
    /// </summary>
    Digest SeekAndNext(in KeyStream keys, OperationRange range, int following);

    /// <summary>Opens a read transaction that stays open until it is disposed.</summary>
    IDisposable Park();

    /// <summary>
    /// Opens what a reader thread needs to read while others read and one writes. Only that thread uses it.
    /// </summary>
    IPeerReader OpenReader();

    /// <summary>Makes everything durable, so that one workload's write-back does not slow the next.</summary>
    void Flush();

    PeerSizes GetSizes();
}
