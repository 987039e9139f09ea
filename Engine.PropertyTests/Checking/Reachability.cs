namespace Engine.PropertyTests.Checking;

/// <summary>
/// The pages that a meta keeps alive, found as cheaply as possible: the check of invariant 3 needs them after every
/// meta write. Looks at nothing but references, since the full checker sees the same image later.
/// </summary>
internal static class Reachability
{
    /// <summary>
    /// Pages of all trees and their values, of the space log, of the list run, and of all named snapshots.
    /// </summary>
    public static PageSet Of(ReadOnlySpan<byte> image, MetaImage meta)
    {
        var pages = new PageSet((long)meta.PageCount);
        var names = meta.HasNames ? new List<NamedImage>() : null;
        AddTrees(image, meta.PageSize, meta.Default, meta.Catalog, pages, names);
        foreach (var named in names ?? [])
        {
            if (!named.IsOwn)
            {
                var state = OfTrees(image, meta.PageSize, (long)meta.PageCount, named.Default, named.Catalog);
                foreach (var page in state.Pages())
                {
                    pages.Add(page);
                }
            }
        }

        var next = (long)meta.NewestLogPage;
        while (next != 0 && InFile(image, next, meta.PageSize) && pages.Add(next))
        {
            next = (long)ImageLayout.U64(image, (int)(next * meta.PageSize) + 32);
        }

        for (var page = meta.ListRun.Page; page < meta.ListRun.Page + meta.ListPages; page++)
        {
            pages.Add(page);
        }

        return pages;
    }

    /// <summary>Pages of all trees and their values, without those of the space log.</summary>
    public static PageSet OfTrees(
        ReadOnlySpan<byte> image, int pageSize, long pageCount, TreeRecordImage main, TreeRecordImage catalog)
    {
        var pages = new PageSet(pageCount);
        AddTrees(image, pageSize, main, catalog, pages, null);
        return pages;
    }

    private static void AddTrees(
        ReadOnlySpan<byte> image,
        int pageSize,
        TreeRecordImage main,
        TreeRecordImage catalog,
        PageSet pages,
        List<NamedImage>? names)
    {
        Visit(image, pageSize, (long)main.Root, pages, Role.Entries, null);
        Visit(image, pageSize, (long)catalog.Root, pages, Role.Catalog, names);
    }

    private static bool InFile(ReadOnlySpan<byte> image, long page, int pageSize) =>
        page > 0 && (page + 1) * pageSize <= image.Length;

    private static void Visit(
        ReadOnlySpan<byte> image, int pageSize, long number, PageSet pages, Role role, List<NamedImage>? names)
    {
        if (number == 0 || !InFile(image, number, pageSize) || !pages.Add(number))
        {
            return;
        }

        var page = image.Slice((int)(number * pageSize), pageSize);
        var count = ImageLayout.U16(page, 24);
        for (var i = 0; i < count; i++)
        {
            if (page[4] == 2)
            {
                Visit(image, pageSize, (long)ImageLayout.U64(page, 32 + 4 * count + 12 * i), pages, role, names);
                continue;
            }

            int cell = ImageLayout.U16(page, 32 + 4 * count + 2 * i), keyLength = ImageLayout.U16(page, cell);
            var value = page[(cell + 4 + keyLength)..];
            if ((ImageLayout.U16(page, cell + 2) & 0x8000) != 0)
            {
                var first = (long)ImageLayout.U64(value, 0);
                for (var run = first; run < first + ImageLayout.RunPages(ImageLayout.U32(value, 20), pageSize); run++)
                {
                    pages.Add(run);
                }

                // Only the first page of a run has a header.
                value = image[(int)((first * pageSize) + ImageLayout.HeaderSize)..];
            }

            var key = page.Slice(cell + 4, keyLength);
            if (role == Role.Names)
            {
                names?.Add(NamedImage.Read([0], value[..NamedImage.Length]));
            }
            else if (role == Role.Catalog && keyLength != 0)
            {
                var isOfNames = key.SequenceEqual(NamedImage.Tree);
                Visit(
                    image,
                    pageSize,
                    (long)ImageLayout.U64(value, 0),
                    pages,
                    isOfNames ? Role.Names : Role.Entries,
                    isOfNames ? names : null);
            }
        }
    }

    private enum Role
    {
        Entries,
        Catalog,
        Names,
    }
}
