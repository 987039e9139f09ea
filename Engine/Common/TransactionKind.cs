namespace Engine;

/// <summary>What is begun in a database and has to be ended.</summary>
public enum TransactionKind
{
    /// <summary>A read transaction.</summary>
    Read,

    /// <summary>A snapshot object.</summary>
    Snapshot,

    /// <summary>A write transaction.</summary>
    Write,
}
