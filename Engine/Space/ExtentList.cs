using System.Runtime.InteropServices;

namespace Engine.Space;

/// <summary>Ordering and joining of extents in lists that are reused from commit to commit.</summary>
internal static class ExtentList
{
    private static readonly Comparison<Extent> ByStart = static (a, b) => a.Start.CompareTo(b.Start);

    /// <summary>Sorts the entries from <paramref name="from"/> on, which must not overlap, and joins those that touch.</summary>
    public static void Normalize(List<Extent> list, int from = 0)
    {
        if (list.Count - from < 2)
        {
            return;
        }

        var span = CollectionsMarshal.AsSpan(list)[from..];
        if (!IsAscending(span))
        {
            span.Sort(ByStart);
        }

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

    private static bool IsAscending(ReadOnlySpan<Extent> span)
    {
        for (var i = 1; i < span.Length; i++)
        {
            if (span[i].Start < span[i - 1].Start)
            {
                return false;
            }
        }

        return true;
    }
}
