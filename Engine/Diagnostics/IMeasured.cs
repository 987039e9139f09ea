namespace Engine.Diagnostics;

/// <summary>A database as its instruments see it. Asked only while somebody listens; waits for nobody.</summary>
internal interface IMeasured
{
    /// <summary>Null if it is open read-only.</summary>
    CommitTotals? Commits { get; }

    /// <summary>Free pages that can be used, and those that wait for readers; null if it is open read-only.</summary>
    (long Reusable, long Pending)? FreePages { get; }

    /// <summary>Pages that were verified since it was opened, or that it wrote itself.</summary>
    long VerifiedPages { get; }

    /// <summary>Length of the file in bytes.</summary>
    long FileLength { get; }

    PinMeasures MeasurePins();
}
