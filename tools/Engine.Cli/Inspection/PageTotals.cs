using Engine.Cli.Statistics;
using Engine.Integrity;

namespace Engine.Cli.Inspection;

/// <summary>
/// How many pages serve which purpose, as far as the records of the trees and the meta tell without walking anything.
/// </summary>
internal sealed class PageTotals
{
    private PageTotals(InspectedFile file, TreeList trees)
    {
        MetaSlot meta = file.RequireMeta();
        unchecked
        {
            foreach (TreeInfo tree in trees.Trees)
            {
                Branches += tree.Record.BranchPages;
                Leaves += tree.Record.LeafPages;
                Overflow += tree.Record.OverflowPages;
            }

            Reserved = Math.Min(file.Geometry.FirstPage, meta.PageCount);
            Log = meta.LogPages;
            RunList = file.ListRun is { } list ? FileFormat.OverflowPages(list.Length, file.PageSize) : 0;
            All = meta.PageCount;
            ulong used = Reserved + Branches + Leaves + Overflow + Log + RunList;
            AddUp = used <= All;
            Free = AddUp ? All - used : 0;
        }
    }

    public ulong Reserved { get; }

    public ulong Branches { get; }

    public ulong Leaves { get; }

    public ulong Overflow { get; }

    public ulong Log { get; }

    public ulong RunList { get; }

    /// <summary>What is left.</summary>
    public ulong Free { get; }

    public ulong All { get; }

    /// <summary>False if the records claim more pages than there are.</summary>
    public bool AddUp { get; }

    public IEnumerable<PageUse> Uses =>
    [
        new("reserved", "reserved", Reserved),
        new("branches", "branches", Branches),
        new("leaves", "leaves", Leaves),
        new("overflow", "overflow", Overflow),
        new("space log", "spaceLog", Log),
        new("run list", "runList", RunList),
        new("free", "free", Free),
    ];

    public static PageTotals Of(InspectedFile file, TreeList trees) => new(file, trees);
}
