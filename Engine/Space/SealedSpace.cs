namespace Engine.Space;

/// <summary>What a commit has to write for the space of the file. Memory in it is valid until the next seal.</summary>
internal readonly struct SealedSpace
{
    /// <summary>For the meta: the page count.</summary>
    public required ulong PageCount { get; init; }

    /// <summary>For the meta: the newest log page, 0 if there is none.</summary>
    public required ulong LogPage { get; init; }

    /// <summary>For the meta: the CRC of the newest log page.</summary>
    public required uint LogPageCrc { get; init; }

    /// <summary>For the meta: the number of pages in the chain.</summary>
    public required uint LogPages { get; init; }

    /// <summary>For the meta: the bytes of the log head.</summary>
    public required ReadOnlyMemory<byte> LogHead { get; init; }

    /// <summary>For the meta: whether the log has entries of named snapshots.</summary>
    public required bool HasNames { get; init; }

    /// <summary>
    /// The log pages that this commit writes, born in it and reachable from its meta; in most commits none.
    /// </summary>
    public required ReadOnlyMemory<LogPageImage> NewLogPages { get; init; }
}
