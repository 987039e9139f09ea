namespace Engine.Cli.Statistics;

/// <summary>
/// How full the leaves of a tree are. The tree's record does not say, so it is added up from the entries, by the
/// format's rule for what lies in a leaf (docs/format.md, section 6).
/// </summary>
internal static class LeafFill
{
    private const int PageHeader = 32;
    private const int CellHeader = 4;
    private const int Slot = 6;
    private const int OverflowReference = 24;

    public static double Measure(TreeReader tree, int pageSize, long leafPages, CancellationToken cancellation)
    {
        if (leafPages == 0)
            return 0;
        int room = pageSize - PageHeader;
        long used = 0;
        foreach (var (key, value) in tree.All())
        {
            cancellation.ThrowIfCancellationRequested();
            long inline = (long)CellHeader + key.Length + value.Length + Slot;
            used += inline <= room / 2 ? inline : CellHeader + key.Length + OverflowReference + Slot;
        }

        return used / ((double)leafPages * room);
    }
}
