using System.Runtime.InteropServices;

namespace Engine.Space;

/// <summary>Ordering and joining of extents in lists that are reused from commit to commit.</summary>
internal static class ExtentList
{
    /// <summary>
    /// Sorts the entries from <paramref name="from"/> on, which must not overlap, and joins those that touch.
    /// </summary>
    public static void Normalize(List<Extent> list, int from = 0)
    {
        if (list.Count - from < 2)
        {
            return;
        }

        var span = CollectionsMarshal.AsSpan(list)[from..];
        Sort(span);

        var last = 0;
        for (var i = 1; i < span.Length; i++)
        {
            if (span[last].End == span[i].Start)
            {
                span[last] = new Extent(span[last].Start, span[last].Length + span[i].Length);
            }
            else
            {
                span[++last] = span[i];
            }
        }

        CollectionsMarshal.SetCount(list, from + last + 1);
    }

    /// <summary>
    /// Sorts the entries, which must not overlap, by their first page, and joins those of one birth that touch.
    /// </summary>
    public static void Normalize(List<PendingExtent> list)
    {
        if (list.Count < 2)
        {
            return;
        }

        var span = CollectionsMarshal.AsSpan(list);
        Sort(span);
        var last = 0;
        for (var i = 1; i < span.Length; i++)
        {
            var (pages, birth) = span[last];
            if (pages.End == span[i].Pages.Start && birth == span[i].Birth)
            {
                span[last] = new PendingExtent(new Extent(pages.Start, pages.Length + span[i].Pages.Length), birth);
            }
            else
            {
                span[++last] = span[i];
            }
        }

        CollectionsMarshal.SetCount(list, last + 1);
    }

    /// <summary>Sorts what is often sorted already.</summary>
    private static void Sort<T>(Span<T> span)
        where T : struct, IComparable<T>
    {
        for (var i = 1; i < span.Length; i++)
        {
            if (span[i].CompareTo(span[i - 1]) < 0)
            {
                span.Sort();
                return;
            }
        }
    }
}
