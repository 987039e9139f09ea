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
        var names = new List<KeyValuePair<byte[], byte[]>>();
        var trees = WalkTrees(ref walker, meta, collect, names);
        var chain = SpaceLogReader.Chain(image, meta, logPages, bornHere);
        var log = SpaceLogReader.Read(image, meta, chain);
        var free = log.Free;
        var listPages = CheckListRun(image, meta);
        RequirePartition(meta, reachable, logPages, listPages, free);
        if (meta.IsVerified)
        {
            RequireRunsAreBirths(image, meta, bornHere);
        }

        var named = NamedSnapshotCheck.Check(image, meta, names, walker.Digest, reachable, log);
        return new ImageReport
        {
            Choice = choice,
            Digest = ContentHasher.WithNames(
                walker.Digest, named.Select(static name => ((ReadOnlyMemory<byte>)name.Key, name.Digest))),
            TreesDigest = walker.Digest,
            Named = named,
            Trees = trees,
            Reachable = reachable,
            LogPages = logPages,
            ListPages = listPages,
            Free = free,
        };
    }

    /// <summary>Walks the default tree, the catalog and the trees in it.</summary>
    /// <param name="walker">Walks.</param>
    /// <param name="meta">Names the roots.</param>
    /// <param name="collect">Whether the entries are wanted.</param>
    /// <param name="named">
    /// Gets the entries of the tree of names, which is no part of the digest, nor of what is returned.
    /// </param>
    public static List<ImageTree> WalkTrees(
        ref TreeWalker walker, MetaImage meta, bool collect, List<KeyValuePair<byte[], byte[]>> named)
    {
        var trees = new List<ImageTree>();
        var names = new List<KeyValuePair<byte[], byte[]>>();
        var digestWalker = walker;
        digestWalker.Walk("(catalog)", meta.Catalog, names);
        var ids = new HashSet<ulong> { 0, 1 };
        AddTree(ref walker, trees, default, meta.Default, [], collect);
        var expiry = new ExpiryImage();
        foreach (var (name, value) in names)
        {
            if (name.Length == 0 && !meta.IsOld)
            {
                RequireAttributes(value, "the database", out _);
                continue;
            }

            if ((meta.IsOld ? value.Length != TreeRecordImage.Size : value.Length < TreeRecordImage.Size)
                || name.Length == 0
                || name.Length > Math.Min(ImageLayout.KeyLimit(meta.PageSize), (meta.PageSize - 32) / 2 - 74))
            {
                throw new ImageException("the catalog holds something that is no tree record, or has no possible name");
            }

            var record = TreeRecordImage.Read(value);
            var keySize = RequireAttributes(
                value.AsSpan(TreeRecordImage.Size),
                $"tree 0x{Convert.ToHexString(name)}",
                out var role,
                isNamed: true,
                (record.Flags & 2) != 0);
            if (!record.IsWithinLimits(meta.FirstPage, meta.PageCount)
                || record.Reserved != 0 || record.Id >= meta.NextTreeId || !ids.Add(record.Id))
            {
                throw new ImageException(
                    $"the record of tree 0x{Convert.ToHexString(name)} is outside its limits, or its id is taken");
            }

            if (name.AsSpan().SequenceEqual(NamedImage.Tree))
            {
                if (meta.HasNames && record.Flags != 0)
                {
                    throw new ImageException($"the tree of names has the flags {record.Flags}");
                }

                digestWalker = walker;
                digestWalker.Walk("(names)", record, named);
                continue;
            }

            AddTree(
                ref walker, trees, name, record, value[TreeRecordImage.Size..], collect || role >= 0, keySize);
            if (role >= 0)
            {
                expiry.Add(trees[^1].Name, role, trees[^1].Entries!);
            }
        }

        expiry.RequireIndexes();

        return trees;
    }

    private static void AddTree(
        ref TreeWalker walker,
        List<ImageTree> trees,
        ReadOnlySpan<byte> name,
        TreeRecordImage record,
        byte[] attributes,
        bool collect,
        int keySize = 0)
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
        walker.BeginTree(name, record.Flags, attributes);
        walker.Walk(text, record, entries, keySize);
        trees.Add(new ImageTree(text, record, entries) { Attributes = attributes });
    }

    // Invariant 2 for what is at rest: reachable, log, list run and free are disjoint and are all pages.
    private static void RequirePartition(
        MetaImage meta, PageSet reachable, PageSet logPages, PageSet list, SortedDictionary<long, FreePage> free)
    {
        for (var page = meta.FirstPage; page < (long)meta.PageCount; page++)
        {
            bool inTree = reachable.Contains(page), inLog = logPages.Contains(page), isFree = free.ContainsKey(page);
            var inList = list.Contains(page);
            if ((inTree ? 1 : 0) + (inLog ? 1 : 0) + (inList ? 1 : 0) + (isFree ? 1 : 0) != 1)
            {
                var found = (inTree ? " reachable" : "") + (inLog ? " a log page" : "")
                    + (inList ? " of the list run" : "") + (isFree ? " free" : "");
                throw new ImageException(
                    $"page {page} must be one of reachable, log page, list run and free; it "
                    + $"is{(found.Length == 0 ? " nothing of these (leaked)" : found)}");
            }
        }
    }

    private static void RequireRunsAreBirths(ReadOnlySpan<byte> image, MetaImage meta, PageSet bornHere)
    {
        var listed = new PageSet((long)meta.PageCount);
        foreach (var (first, pages) in RunListImage.Read(image, meta))
        {
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

    // The pages of the list run, which is sound although only a verified meta needs it.
    private static PageSet CheckListRun(ReadOnlySpan<byte> image, MetaImage meta)
    {
        var pages = new PageSet((long)meta.PageCount);
        if (meta.ListRun != default)
        {
            _ = RunListImage.ListRun(image, meta);
            var run = image.Slice((int)meta.ListRun.Page * meta.PageSize, (int)meta.ListPages * meta.PageSize);
            if (ImageLayout.U16(run, 6) != 0 || ImageLayout.U32(run, 28) != 0
                || !ImageLayout.IsZero(run[(ImageLayout.HeaderSize + (int)meta.ListRun.Length)..]))
            {
                throw new ImageException($"the list run of meta {meta.Id} has other bytes than its list");
            }

            for (var page = meta.ListRun.Page; page < meta.ListRun.Page + meta.ListPages; page++)
            {
                pages.Add(page);
            }
        }

        return pages;
    }

    // Gives the length of the keys of a multi-valued tree; 0 if the attributes do not tell it. The role is what they
    // say of expiry; -1 if nothing.
    private static int RequireAttributes(
        ReadOnlySpan<byte> list, string owner, out int role, bool isNamed = false, bool isOfPairs = false)
    {
        role = -1;
        var keySize = 0;
        for (var last = -1; list.Length > 0;)
        {
            if (list.Length < 4 || list.Length - 4 < ImageLayout.U16(list, 2))
            {
                throw new ImageException($"the attributes of {owner} do not end with their value");
            }

            var tag = (int)ImageLayout.U16(list, 0);
            if (isOfPairs && tag == 0x8006 && ImageLayout.U16(list, 2) == 2)
            {
                keySize = ImageLayout.U16(list, 4);
                if (keySize == 0)
                {
                    throw new ImageException($"the keys of {owner} have no bytes");
                }

                tag = 6;
            }

            if (isNamed && !isOfPairs && tag == 0x8005 && ImageLayout.U16(list, 2) == 1 && list[4] < 2)
            {
                role = list[4];
                tag = 5;
            }

            if (tag >= 0x8000 || tag <= last)
            {
                throw new ImageException($"attribute {tag} of {owner} is unknown and required, or out of order");
            }

            last = tag;
            list = list[(4 + ImageLayout.U16(list, 2))..];
        }

        return keySize;
    }
}
