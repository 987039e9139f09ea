using Engine.Pages;
using Engine.Transactions;

namespace Engine;

/// <content>The database in numbers.</content>
public sealed partial class Database
{
    /// <summary>The database in numbers.</summary>
    public DatabaseStatistics GetStatistics()
    {
        using var snapshot = OpenSnapshot();
        using var read = snapshot.BeginRead();
        var (state, catalog) = (snapshot.State, TreeStatistics.From(snapshot.State.Catalog));
        var treePages = Amount.From(state.Main.TotalPages + state.Catalog.TotalPages);
        foreach (var name in read.GetTreeNames().Append(SnapshotNames.Tree))
        {
            if (!read.TryGetTree(NewTree(name), out var reader))
            {
                continue;
            }

            var tree = reader.GetStatistics();
            treePages += tree.LeafPages + tree.BranchPages + tree.OverflowPages;
        }

        var listPages = Amount.From(state.ListPages(PageSize));
        return new DatabaseStatistics
        {
            PageSize = PageSize,
            FileLength = Core.File.Length,
            PageCount = Amount.From(state.PageCount),
            TransactionId = state.Id,
            DurableTransactionId = Core.DurableId,
            FreePages = Amount.From(state.PageCount - PageLayout.FirstPage(PageSize)) - treePages - state.LogPages
                - listPages,
            PendingPages = Core.Writer is { } writer ? Amount.From(writer.SpaceCounts.Pending) : null,
            LogPages = state.LogPages,
            ListPages = listPages,
            TreePages = treePages,
            Commits = GetCommitStatistics(),
            Main = read.Main.GetStatistics(),
            Catalog = catalog,
        };
    }

    /// <summary>
    /// What committing has cost since the database was opened: how often writers shared a flush, and what for they
    /// waited. Costs nothing; part of <see cref="GetStatistics"/>, which reads the file.
    /// </summary>
    /// <returns>Null if the database is open read-only.</returns>
    public CommitStatistics? GetCommitStatistics() => Core.Writer?.Counters is not { } counters ? null : new()
    {
        Transactions = counters.Transactions,
        Groups = counters.Groups,
        LargestGroup = counters.LargestGroup,
        GroupsLeavingOut = counters.GroupsLeavingOut,
        Flushes = counters.Flushes,
        Flushing = counters.Flushing,
        Waiting = counters.Waiting,
    };
}
