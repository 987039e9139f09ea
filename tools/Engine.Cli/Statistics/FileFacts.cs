using Engine.Pages;

namespace Engine.Cli.Statistics;

/// <summary>
/// What <c>stat</c> says of the file: as of one snapshot, but for the length, which is that of the moment.
/// </summary>
/// <param name="FileLength">In bytes.</param>
/// <param name="PageSize">In bytes.</param>
/// <param name="PageCount">The pages of the snapshot, the reserved ones included.</param>
/// <param name="ReservedPages">The pages before the first one that can hold data.</param>
/// <param name="LogPages">The pages of the space log.</param>
/// <param name="ListPages">The pages of a run list.</param>
/// <param name="Catalog">The tree of the names.</param>
/// <param name="TransactionId">The transaction of the snapshot.</param>
/// <param name="DurableTransactionId">The newest one up to it that is durable.</param>
internal sealed record FileFacts(
    long FileLength, int PageSize, long PageCount, long ReservedPages, long LogPages, long ListPages,
        TreeStatistics Catalog, ulong TransactionId, ulong DurableTransactionId)
{
    public static FileFacts Of(Database database, Snapshot snapshot) => new(
        database.Core.File.Length, database.PageSize, (long)snapshot.State.PageCount,
        (long)PageLayout.FirstPage(database.PageSize),
            snapshot.State.LogPages, (long)snapshot.State.ListPages(database.PageSize),
        TreeStatistics.From(snapshot.State.Catalog), snapshot.TransactionId,
            Math.Min(database.Core.DurableId, snapshot.TransactionId));
}
