namespace Engine.Integrity;

/// <summary>What an integrity check is to look at, and how it reports.</summary>
internal sealed class IntegrityCheckOptions
{
    /// <summary>
    /// Null: the state that recovery would choose, and the other slot is looked at as well. Otherwise the id of the
    /// meta to check: for a database in use, where the caller pins that transaction and the other slot may be half
    /// written.
    /// </summary>
    public ulong? MetaId { get; init; }

    /// <summary>
    /// Keeps the pages of a named snapshot, by its name and id, from being reused while they are looked at, until what
    /// it returns is disposed; or says, with null, that the snapshot is gone: then it is left out. Null: nobody writes.
    /// </summary>
    public Func<byte[], ulong, IDisposable?>? HoldSnapshot { get; init; }

    /// <summary>
    /// So many pages at the start of the file are another database's: this one may reach some of them, and those that
    /// it does not are nothing to it.
    /// </summary>
    public ulong BorrowedPages { get; init; }

    /// <summary>How many problems, and how many notes, are kept; the rest is counted only.</summary>
    public int MaximumProblems { get; init; } = 1000;

    /// <summary>Called now and then on the checking thread.</summary>
    public Action<IntegrityProgress>? Progress { get; init; }
}
