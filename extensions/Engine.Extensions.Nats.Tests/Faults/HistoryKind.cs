namespace Engine.Extensions.Nats.Tests.Faults;

/// <summary>What clients do.</summary>
public enum HistoryKind
{
    /// <summary>
    /// A counter was incremented on condition of what had been seen; that it did not hold is no event.
    /// </summary>
    Increment,

    /// <summary>The counter was read, linearizably.</summary>
    Read,

    /// <summary>A key of its own was put.</summary>
    Put,
}
