namespace Engine.Testing.Simulation;

/// <summary>How a storage call fails.</summary>
internal enum FaultKind
{
    /// <summary>The disk is full: nothing is written. A flush reports it too (delayed allocation).</summary>
    NoSpace,

    /// <summary>An input/output error: nothing is written.</summary>
    InputOutput,

    /// <summary>The disk is full after a part of the bytes.</summary>
    ShortWriteNoSpace,

    /// <summary>An input/output error after a part of the bytes; a flush brings some sectors to the disk.</summary>
    ShortWriteInputOutput,

    /// <summary>
    /// As an input/output error; and a block that was allocated by a lost write stays unwritten on the disk whatever is
    /// written and flushed later, until the cache is dropped (ext4 in its default mode).
    /// </summary>
    Unwritten,
}
