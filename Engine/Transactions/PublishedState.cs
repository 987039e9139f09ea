using Engine.Pages;
using Engine.Storage;

namespace Engine.Transactions;

/// <summary>A snapshot: everything that a reader needs to know of one committed state. Immutable.</summary>
internal sealed class PublishedState
{
    public required ulong Id { get; init; }

    public required ulong PageCount { get; init; }

    public required TreeRecord Main { get; init; }

    public required TreeRecord Catalog { get; init; }

    public required ulong NextTreeId { get; init; }

    public required uint LogPages { get; init; }

    public required TreeTable Trees { get; init; }

    /// <summary>A map that covers the page count. Lives until no pin is as old as the last state that used it.</summary>
    public required MapGeneration Map { get; init; }

    /// <summary>In a read-only process: the published id of the lock file when the state was read. While it stands, the state may be begun on.</summary>
    public ulong SeenId { get; init; }

    public void Attach(PageSource source, VerifiedPages verified, DirtyList? dirty) =>
        source.Attach(Map, PageCount, Id, verified, dirty);

    public static PublishedState From(Meta meta, MapGeneration map, TreeTable? trees = null, ulong seenId = 0) => new()
    {
        SeenId = seenId,
        Id = meta.Id,
        PageCount = meta.PageCount,
        Main = meta.Main,
        Catalog = meta.Catalog,
        NextTreeId = meta.NextTreeId,
        LogPages = meta.LogPages,
        Trees = trees ?? new TreeTable(),
        Map = map,
    };
}
