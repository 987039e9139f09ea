namespace Engine.PropertyTests.Checking;

/// <summary>
/// A page that the space log calls free: written by transaction Birth, unreachable since transaction FreedIn.
/// </summary>
public readonly record struct FreePage(ulong Birth, ulong FreedIn)
{
    /// <summary>Whether the snapshot contains the page, so that it must wait.</summary>
    public bool BelongsTo(ulong snapshot) => Birth <= snapshot && snapshot < FreedIn;
}
