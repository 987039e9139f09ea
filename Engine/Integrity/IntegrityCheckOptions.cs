namespace Engine;

/// <summary>How a database is checked. The defaults use one thread, and keep 1,000 problems.</summary>
public sealed class IntegrityCheckOptions
{
    /// <summary>
    /// At most so many threads check trees at the same time, the calling one among them; -1: as many as there are
    /// processors. Default: 1, which leaves the other processors to those who use the database. What the report says is
    /// the same at any degree: if something is wrong, one thread checks everything again, to tell what.
    /// </summary>
    public int MaxDegreeOfParallelism { get; init; } = 1;

    /// <summary>How many problems, and how many notes, are kept; the rest is counted only. Default: 1,000.</summary>
    public int MaximumProblems { get; init; } = 1000;

    /// <summary>Called now and then, on the calling thread.</summary>
    public Action<IntegrityProgress>? Progress { get; init; }

    /// <summary>
    /// Null: the state that recovery would choose, and the other slot is looked at as well. Otherwise the id of the
    /// meta to check: for a database in use, where the caller pins that transaction and the other slot may be half
    /// written.
    /// </summary>
    internal ulong? MetaId { get; init; }

    /// <summary>
    /// Keeps the pages of a named snapshot, by its name and id, from being reused while they are looked at, until what
    /// it returns is disposed; or says, with null, that the snapshot is gone: then it is left out. Null: nobody writes.
    /// </summary>
    internal Func<byte[], ulong, IDisposable?>? HoldSnapshot { get; init; }

    /// <summary>
    /// So many pages at the start of the file are another database's: this one may reach some of them, and those that
    /// it does not are nothing to it.
    /// </summary>
    internal ulong BorrowedPages { get; init; }
}
