using Engine.Integrity;

namespace Engine.Cli.Salvage;

/// <summary>Goes through a set of pages.</summary>
internal static class SetPages
{
    /// <summary>
    /// The pages of a set from one on and below another, ascending. Pages may leave the set meanwhile.
    /// </summary>
    public static IEnumerable<ulong> Between(PageSet set, ulong first, ulong end)
    {
        for (ulong page = set.Next(first, end, value: true); page < end;)
        {
            yield return page;
            page = set.Next(page + 1, end, value: true);
        }
    }
}
