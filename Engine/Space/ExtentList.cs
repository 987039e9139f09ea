using System.Buffers;
using System.Runtime.InteropServices;

namespace Engine.Space;

/// <summary>Ordering and joining of extents in lists that are reused from commit to commit.</summary>
internal static class ExtentList
{
    /// <summary>From so many entries on, sorting by counting is worth its tables.</summary>
    private const int MinCounted = 128;

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
        where T : struct, IPlaced, IComparable<T>
    {
        for (var i = 1; i < span.Length; i++)
        {
            if (span[i].CompareTo(span[i - 1]) < 0)
            {
                SortUnsorted(span);
                return;
            }
        }
    }

    /// <summary>
    /// Comparisons of pages in random order are guessed wrongly every other time; counting their bytes guesses nothing,
    /// and takes a third of the time of a sort by comparing.
    /// </summary>
    private static void SortUnsorted<T>(Span<T> span)
        where T : struct, IPlaced, IComparable<T>
    {
        if (span.Length < MinCounted)
        {
            span.Sort();
            return;
        }

        ulong largest = 0;
        foreach (ref var item in span)
        {
            largest |= item.FirstPage;
        }

        var rented = ArrayPool<T>.Shared.Rent(span.Length);
        var other = rented.AsSpan(0, span.Length);
        var from = span;
        for (var shift = 0; shift < 64 && largest >> shift != 0; shift += 8)
        {
            SortByByte(from, other, shift);
            var sorted = other;
            other = from;
            from = sorted;
        }

        if (from != span)
        {
            from.CopyTo(span);
        }

        ArrayPool<T>.Shared.Return(rented);
    }

    /// <summary>Copies items in the order of a byte of their pages; the same byte leaves them as they were.</summary>
    private static void SortByByte<T>(Span<T> from, Span<T> to, int shift)
        where T : struct, IPlaced
    {
        Span<int> places = stackalloc int[257];
        places.Clear();
        foreach (ref var item in from)
        {
            places[(byte)(item.FirstPage >> shift) + 1]++;
        }

        for (var i = 1; i < places.Length; i++)
        {
            places[i] += places[i - 1];
        }

        foreach (ref var item in from)
        {
            to[places[(byte)(item.FirstPage >> shift)]++] = item;
        }
    }
}
