namespace Engine.PropertyTests.Checking;

/// <summary>
/// What must hold of the named snapshots of a state: the space log pins exactly them, each is a whole state that can be
/// walked, and all its pages are those of the present or stand in the log as belonging to it.
/// </summary>
internal static class NamedSnapshotCheck
{
    /// <exception cref="ImageException">A rule is broken.</exception>
    public static List<NamedImage> Check(
        ReadOnlySpan<byte> image,
        MetaImage meta,
        List<KeyValuePair<byte[], byte[]>> entries,
        ulong digest,
        PageSet reachable,
        SpaceLogImage log)
    {
        if (log.HasNames != meta.HasNames)
        {
            throw new ImageException(
                $"the meta {meta.Id} {(meta.HasNames ? "says" : "does not say")} that the space log has named snapshots");
        }

        var names = new List<NamedImage>();
        if (!meta.HasNames)
        {
            // A copy has the tree, and not what it names.
            return names;
        }

        foreach (var (key, value) in entries)
        {
            var named = NamedImage.Read(key, value);
            if (named.IsOwn ? named.Id != meta.Catalog.ChangedIn : named.Id >= meta.Id)
            {
                throw new ImageException($"the state {named.Id} is named in the state {meta.Id}");
            }

            // Several names of one state say the same of it.
            if (names.Find(other => other.Id == named.Id) is { } same
                && (same.IsOwn != named.IsOwn
                    || (!named.IsOwn && (same with { Key = key, Digest = 0 }) != named)))
            {
                throw new ImageException($"the state {named.Id} is named twice, and as two different ones");
            }

            names.Add(named with { Digest = named.IsOwn ? digest : Walk(image, meta, named, reachable, log) });
        }

        var pins = names.GroupBy(static named => named.Id).ToDictionary(static g => g.Key, static g => g.Count());
        if (pins.Count != log.Named.Count || pins.Any(pin => log.Named.GetValueOrDefault(pin.Key) != pin.Value))
        {
            throw new ImageException(
                $"invariant 21: the space log pins the states {Text(log.Named)}, and named are {Text(pins)}");
        }

        return names;
    }

    private static ulong Walk(
        ReadOnlySpan<byte> image, MetaImage meta, NamedImage named, PageSet reachable, SpaceLogImage log)
    {
        var state = meta with
        {
            Id = named.Id,
            PageCount = Math.Min(named.PageCount, meta.PageCount),
            Default = named.Default,
            Catalog = named.Catalog,
            NextTreeId = named.NextTreeId,
        };
        if (named.PageCount < (ulong)meta.FirstPage
            || !named.Default.IsWithinLimits(meta.FirstPage, meta.PageCount)
            || !named.Catalog.IsWithinLimits(meta.FirstPage, meta.PageCount))
        {
            throw new ImageException($"the roots of the named state {named.Id} cannot be");
        }

        var births = new Dictionary<long, ulong>();
        var walker = new TreeWalker(image, state, new PageSet((long)state.PageCount), null, births);
        try
        {
            ImageChecker.WalkTrees(ref walker, state, collect: false, []);
        }
        catch (ImageException e)
        {
            throw new ImageException($"invariant 21: of the named state {named.Id}: {e.Message}");
        }

        foreach (var (page, birth) in births)
        {
            if (!reachable.Contains(page)
                && !(log.Free.TryGetValue(page, out var free) && free.BelongsTo(named.Id) && free.Birth <= birth))
            {
                throw new ImageException(
                    $"invariant 2: page {page} belongs to the named state {named.Id}, but the space log does not say "
                    + "so");
            }
        }

        return walker.Digest;
    }

    private static string Text(IEnumerable<KeyValuePair<ulong, int>> pins) =>
        $"[{string.Join(", ", pins.OrderBy(static pin => pin.Key).Select(static pin => $"{pin.Key}×{pin.Value}"))}]";
}
