namespace Engine.Space;

/// <summary>Takes log entries one by one: to count their bytes, or to write them.</summary>
internal interface ILogSink
{
    /// <summary>What follows belongs to a transaction. A group without entries leaves no trace.</summary>
    void Group(ulong transaction);

    void Free(Extent pages, ulong birth);

    void Allocate(Extent pages);

    /// <summary>A named snapshot of a state begins to hold pages, or ends.</summary>
    void Name(LogTag tag, ulong id);
}
