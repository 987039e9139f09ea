using System.Text;

namespace Engine.PropertyTests.Checking;

/// <summary>
/// Reads a database file from docs/format.md alone and shares nothing with the engine, so that a mistake of the
/// engine's writer cannot hide in its reader.
/// </summary>
internal static class ImageChecker
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>
    /// Chooses the meta, walks everything it names and requires the whole format, invariant 2 included.
    /// </summary>
    /// <param name="image">The whole file.</param>
    /// <param name="collect">Whether the report shall hold the entries, not only their digest.</param>
    /// <exception cref="ImageException">A rule is broken.</exception>
    public static ImageReport Check(ReadOnlySpan<byte> image, bool collect = false)
    {
        var choice = MetaChooser.Choose(image);
        MetaChooser.CheckStrictly(image, choice);
        return Check(image, choice, collect);
    }

    /// <summary>The same for a meta that was chosen before, or is not the one that recovery would take.</summary>
    public static ImageReport Check(ReadOnlySpan<byte> image, MetaChoice choice, bool collect = false)
    {
        var meta = choice.Meta;
        SuperblockImage.CheckStrictly(image);
        meta.CheckStrictly(MetaChooser.Slot(image, meta.Slot));
        PageSet reachable = new((long)meta.PageCount),
            logPages = new((long)meta.PageCount),
            bornHere = new((long)meta.PageCount);
        var walker = new TreeWalker(image, meta, reachable, bornHere);
        var trees = WalkTrees(ref walker, meta, collect);
        var chain = SpaceLogReader.Chain(image, meta, logPages, bornHere);
        var free = SpaceLogReader.Read(image, meta, chain);
        RequirePartition(meta, reachable, logPages, free);
        if (meta.IsVerified)
        {
            RequireRunsAreBirths(meta, bornHere);
        }

        return new ImageReport
        {
            Choice = choice,
            Digest = walker.Digest,
            Trees = trees,
            Reachable = reachable,
            LogPages = logPages,
            Free = free,
        };
    }

    private static List<ImageTree> WalkTrees(ref TreeWalker walker, MetaImage meta, bool collect)
    {
        var trees = new List<ImageTree>();
        var names = new List<KeyValuePair<byte[], byte[]>>();
        var digestWalker = walker;
        digestWalker.Walk("(catalog)", meta.Catalog, names);
        var ids = new HashSet<ulong> { 0, 1 };
        AddTree(ref walker, trees, default, meta.Default, collect);
        foreach (var (name, value) in names)
        {
            if (value.Length != TreeRecordImage.Size || name.Length == 0
                || name.Length > Math.Min(ImageLayout.KeyLimit(meta.PageSize), (meta.PageSize - 32) / 2 - 74))
            {
                throw new ImageException("the catalog holds something that is no tree record, or has no possible name");
            }

            var record = TreeRecordImage.Read(value);
            if (!record.IsWithinLimits(meta.FirstPage, meta.PageCount)
                || record.Reserved != 0 || record.Id >= meta.NextTreeId || !ids.Add(record.Id))
            {
                throw new ImageException(
                    $"the record of tree {StrictUtf8.GetString(name)} is outside its limits, or its id is taken");
            }

            AddTree(ref walker, trees, name, record, collect);
        }

        return trees;
    }

    private static void AddTree(
        ref TreeWalker walker, List<ImageTree> trees, ReadOnlySpan<byte> name, TreeRecordImage record, bool collect)
    {
        string text;
        try
        {
            text = StrictUtf8.GetString(name);
        }
        catch (DecoderFallbackException)
        {
            throw new ImageException("a tree's name is not UTF-8");
        }

        var entries = collect ? new List<KeyValuePair<byte[], byte[]>>() : null;
        walker.BeginTree(name);
        walker.Walk(text, record, entries);
        trees.Add(new ImageTree(text, record, entries));
    }

    // Invariant 2 for what is at rest: reachable, log and free are disjoint and are all pages.
    private static void RequirePartition(
        MetaImage meta, PageSet reachable, PageSet logPages, SortedDictionary<long, FreePage> free)
    {
        for (var page = meta.FirstPage; page < (long)meta.PageCount; page++)
        {
            bool inTree = reachable.Contains(page), inLog = logPages.Contains(page), isFree = free.ContainsKey(page);
            if ((inTree ? 1 : 0) + (inLog ? 1 : 0) + (isFree ? 1 : 0) != 1)
            {
                var found = (inTree ? " reachable" : "") + (inLog ? " a log page" : "") + (isFree ? " free" : "");
                throw new ImageException(
                    $"page {page} must be one of reachable, log page and free; it "
                    + $"is{(found.Length == 0 ? " nothing of these (leaked)" : found)}");
            }
        }
    }

    private static void RequireRunsAreBirths(MetaImage meta, PageSet bornHere)
    {
        var listed = new PageSet((long)meta.PageCount);
        var next = 0L;
        foreach (var (first, pages) in meta.Runs)
        {
            if (first < next || pages <= 0 || pages > (long)meta.PageCount - first)
            {
                throw new ImageException(
                    $"the run list of meta {meta.Id} does not ascend within its {meta.PageCount} pages: {pages} pages "
                    + $"from {first} on");
            }

            next = first + pages;
            for (var page = first; page < first + pages; page++)
            {
                listed.Add(page);
            }
        }

        if (!listed.Pages().SequenceEqual(bornHere.Pages()))
        {
            throw new ImageException($"meta {meta.Id} lists the pages {listed}, but those born in it are {bornHere}");
        }
    }
}
