namespace Engine;

/// <summary>What a commit promises when it returns.</summary>
public enum CommitMode
{
    /// <summary>The transaction is on disk. Costs one flush for small transactions, two for large ones.</summary>
    Durable,

    /// <summary>
    /// The transaction is visible to readers of this process. It becomes durable with the next <see
    /// cref="Database.Flush"/> or durable commit, after
    /// <see cref="DatabaseOptions.FlushInterval"/>, beyond <see cref="DatabaseOptions.DeferredLimit"/>, when room is
    /// needed on a full disk, or when the database is disposed. A crash, of the process or the machine, loses the
    /// deferred commits since then and nothing else.
    /// </summary>
    Deferred,
}
