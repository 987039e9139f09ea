using Engine.Pages;
using Engine.Storage;

namespace Engine.Transactions;

/// <summary>A snapshot: everything that a reader needs to know of one committed state. Immutable.</summary>
internal sealed class PublishedState
{
    public required ulong Id { get; init; }

    public required ulong PageCount { get; init; }

    /// <summary>
    /// The page count that it had when it was committed: its names say so, however short the file is by now.
    /// </summary>
    public ulong OwnPageCount
    {
        get => field == 0 ? PageCount : field;
        init;
    }

    public required TreeRecord Main { get; init; }

    public required TreeRecord Catalog { get; init; }

    public required ulong NextTreeId { get; init; }

    /// <summary>The transaction that changed a tree last: its state has the same ones.</summary>
    public ulong LastChanged => Math.Max(Main.LastChanged, Catalog.LastChanged);

    public required uint LogPages { get; init; }

    /// <summary>The pages of a run list, which the next commit frees; nothing in most states.</summary>
    public required OverflowReference ListRun { get; init; }

    /// <summary>How many pages that are.</summary>
    public ulong ListPages(int pageSize) =>
        ListRun.Page == 0 ? 0 : PageLayout.OverflowPages(ListRun.Length, pageSize);

    /// <summary>
    /// Names the catalog as this state has it: the id of the first state of this process with the same one. No other
    /// catalog is named so, and later ones have higher ids.
    /// </summary>
    public required ulong CatalogId { get; init; }

    /// <summary>
    /// A map that covers the page count. Lives until no pin is as old as the last state that used it.
    /// </summary>
    public required MapGeneration Map { get; init; }

    /// <summary>
    /// In a read-only process: the published id of the lock file when the state was read. While it and the session
    /// stand, the state may be begun on.
    /// </summary>
    public ulong SeenId { get; init; }

    /// <summary>In a read-only process: how many writers had come when the state was read.</summary>
    public uint SeenSession { get; init; }

    /// <summary>Whether there may be named snapshots.</summary>
    public bool HasNames { get; init; }

    /// <summary>
    /// The named snapshots that are of this very state, whose entries have no roots yet: the next commit completes
    /// them. Known to a writer only.
    /// </summary>
    public UnfinishedName[] UnfinishedNames { get; init; } = [];

    public void Attach(PageSource source, VerifiedPages verified, DirtyList? dirty) =>
        source.Attach(Map, PageCount, Id, verified, dirty);

    /// <summary>
    /// The state of a named snapshot that this one has. Pages that were cut off behind the end meanwhile are not its
    /// own.
    /// </summary>
    public PublishedState Keep(in NamedState named) => new()
    {
        Id = named.Id,
        PageCount = named.IsOwn ? PageCount : Math.Min(named.PageCount, PageCount),
        OwnPageCount = named.IsOwn ? OwnPageCount : named.PageCount,
        Main = named.IsOwn ? Main : named.Main,
        Catalog = named.IsOwn ? Catalog : named.Catalog,
        NextTreeId = named.IsOwn ? NextTreeId : named.NextTreeId,
        LogPages = 0,
        ListRun = default,
        CatalogId = named.IsOwn ? CatalogId : named.Id,
        Map = Map,
    };

    /// <summary>The same, older state by the map of a newer one.</summary>
    public PublishedState On(PublishedState newer) => new()
    {
        Id = Id,
        PageCount = Math.Min(PageCount, newer.PageCount),
        OwnPageCount = OwnPageCount,
        Main = Main,
        Catalog = Catalog,
        NextTreeId = NextTreeId,
        LogPages = LogPages,
        ListRun = ListRun,
        CatalogId = CatalogId,
        HasNames = HasNames,
        Map = newer.Map,
    };

    public static PublishedState From(
        Meta meta,
        MapGeneration map,
        ulong catalogId,
        UnfinishedName[] unfinished,
        ulong seenId = 0,
        uint seenSession = 0) => new()
        {
            SeenId = seenId,
            SeenSession = seenSession,
            Id = meta.Id,
            PageCount = meta.PageCount,
            Main = meta.Main,
            Catalog = meta.Catalog,
            NextTreeId = meta.NextTreeId,
            LogPages = meta.LogPages,
            ListRun = meta.ListRun,
            HasNames = meta.HasNames,
            UnfinishedNames = unfinished,
            CatalogId = catalogId,
            Map = map,
        };
}
