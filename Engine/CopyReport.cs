namespace Engine;

/// <summary>What a copy of a database is: see <see cref="Database.CopyTo"/>.</summary>
public sealed record CopyReport
{
    /// <summary>The transaction whose state was copied. In a copy that was compacted it has another id.</summary>
    public required ulong TransactionId { get; init; }

    /// <summary>Length of the copy in bytes; less on disk, if it has holes.</summary>
    public required long FileLength { get; init; }

    /// <summary>What the check of the copy counted.</summary>
    public required IntegrityReport Integrity { get; init; }
}
