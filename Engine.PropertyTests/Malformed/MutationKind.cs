namespace Engine.PropertyTests.Malformed;

/// <summary>Kinds of damage. The names stand in fixtures and messages.</summary>
internal enum MutationKind
{
    // Without regard for the structure.
    FlipBit,
    SetBytes,
    Junk,
    CopyRange,
    Truncate,
    Extend,
    Empty,
    AllJunk,

    // The blocks at the start.
    SuperblockField,
    MetaField,
    RecordField,
    SwapMetas,
    CopyMeta,
    EraseMeta,
    StaleMeta,
    RunList,
    HugePageCount,

    // The space log.
    LogByte,
    LogForgedEntry,
    LogRepeatedEntry,
    LogRemovedEntry,
    LogLoop,
    LogPageField,

    // Pages.
    PageHeader,
    SlotOffset,
    SharedCell,
    PageHead,
    SwapSlots,
    RepeatedSlot,
    CellLength,
    KeyByte,
    CommonKeys,
    ChildPointer,
    SwapChildren,
    SameChild,
    Cycle,
    SharedSubtree,
    ValueReference,
    CatalogRecord,
    StalePage,
    CopyPage,
    SwapPages,
    Tower,
}
