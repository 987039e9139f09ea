namespace Engine.Cli.Inspection;

/// <summary>Free pages that were written and freed together.</summary>
/// <param name="First">The first page.</param>
/// <param name="Pages">How many.</param>
/// <param name="Birth">The transaction that wrote them.</param>
/// <param name="FreedIn">
/// The transaction in which they became unreachable: the snapshots from birth to the one before still need them.
/// </param>
internal readonly record struct FreeExtent(ulong First, ulong Pages, ulong Birth, ulong FreedIn)
{
    public bool IsIn(ulong snapshot) => snapshot >= Birth && snapshot < FreedIn;
}
