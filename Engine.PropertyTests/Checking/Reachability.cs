namespace Engine.PropertyTests.Checking;

/// <summary>
/// The pages that a meta keeps alive, found as cheaply as possible: the check of invariant 3 needs them after every
/// meta write. Looks at nothing but references, since the full checker sees the same image later.
/// </summary>
internal static class Reachability
{
    /// <summary>Pages of all trees and their values, of the space log, and of the list run.</summary>
    public static PageSet Of(ReadOnlySpan<byte> image, MetaImage meta)
    {
        var pages = OfTrees(image, meta.PageSize, (long)meta.PageCount, meta.Default, meta.Catalog);
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
        Visit(image, pageSize, (long)main.Root, pages, isCatalog: false);
        Visit(image, pageSize, (long)catalog.Root, pages, isCatalog: true);
        return pages;
    }

    private static bool InFile(ReadOnlySpan<byte> image, long page, int pageSize) =>
        page > 0 && (page + 1) * pageSize <= image.Length;

    private static void Visit(ReadOnlySpan<byte> image, int pageSize, long number, PageSet pages, bool isCatalog)
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
                Visit(image, pageSize, (long)ImageLayout.U64(page, 32 + 4 * count + 12 * i), pages, isCatalog);
                continue;
            }

            int cell = ImageLayout.U16(page, 32 + 4 * count + 2 * i);
            var value = page[(cell + 4 + ImageLayout.U16(page, cell))..];
            if ((ImageLayout.U16(page, cell + 2) & 0x8000) != 0)
            {
                var first = (long)ImageLayout.U64(value, 0);
                for (var run = first; run < first + ImageLayout.RunPages(ImageLayout.U32(value, 20), pageSize); run++)
                {
                    pages.Add(run);
                }
            }
            else if (isCatalog && ImageLayout.U16(page, cell) != 0)
            {
                Visit(image, pageSize, (long)ImageLayout.U64(value, 0), pages, isCatalog: false);
            }
        }
    }
}
