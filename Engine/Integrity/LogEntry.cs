namespace Engine.Integrity;

/// <summary>One entry of the space log (docs/format.md, section 9).</summary>
/// <param name="Tag">1 group, 2 free, 3 allocate, 4 pin, 5 unpin.</param>
/// <param name="Offset">Where it begins, counted from the first entry of its page.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Group">The transaction that it was logged for.</param>
/// <param name="First">The first operand: a transaction, a page, or the state that is named.</param>
/// <param name="Pages">How many pages; 0 of a group, and where a snapshot is named.</param>
/// <param name="Age">For pages that became free: how many transactions after they were written.</param>
internal readonly record struct LogEntry(
    byte Tag, int Offset, int Length, ulong Group, ulong First, ulong Pages, ulong Age)
{
    public const byte GroupTag = 1;
    public const byte FreeTag = 2;
    public const byte AllocateTag = 3;
    public const byte PinTag = 4;
    public const byte UnpinTag = 5;

    public string Name => Tag switch
    {
        GroupTag => "group",
        FreeTag => "free",
        AllocateTag => "allocate",
        PinTag => "pin",
        UnpinTag => "unpin",
        _ => "?",
    };

    /// <summary>Whether a named snapshot begins or ends with it.</summary>
    public bool IsOfName => Tag is PinTag or UnpinTag;

    /// <summary>The birth of pages that became free; 0 where the entry is not possible.</summary>
    public ulong Birth => Age >= Group ? 0 : Group - Age;

    public string Describe() => Tag switch
    {
        GroupTag => $"transaction {First}",
        FreeTag => Age == 0
            ? $"{Extent()} free, in no snapshot"
            : $"{Extent()} free, written by {Birth}, last in snapshot {Group - 1}",
        PinTag => $"snapshot {First} named",
        UnpinTag => $"a name of snapshot {First} deleted",
        _ => $"{Extent()} taken",
    };

    private string Extent() =>
        Pages == 1 ? $"page {First}" : $"pages {First} to {unchecked(First + Pages - 1)} ({Pages})";
}
