using Engine.Cli.Shared;
using Engine.Integrity;

namespace Engine.Cli.Inspection.Map;

/// <summary>Goes through a whole file and tells a sink what each page is.</summary>
internal static class PageMapper
{
    public static void Run(
        CommandContext context, InspectedFile file, TreeList trees, IPageMapSink sink, DamageList damage)
    {
        sink.Reserved(0, Math.Min(file.Geometry.FirstPage, file.Geometry.PageCount));
        SpaceLogScan log = SpaceLogScan.Run(file, damage, context.Cancellation);
        PinAnalysis pins = PinAnalysis.Run(file, log, context.Cancellation);
        foreach (FreeExtent extent in log.Free)
            sink.Free(extent, pins.Pins.Any(pin => extent.IsIn(pin.Transaction)));
        byte[] buffer = new byte[file.PageSize];
        foreach (ulong page in log.Pages)
        {
            if (file.TryRead(page, buffer))
                sink.Log(page, buffer);
        }

        if (file.ListRun is { } list)
            sink.ListRun(list, FileFormat.OverflowPages(list.Length, file.PageSize));
        var visitor = new Visitor(sink, damage);
        FileWalk.Run(context, file, trees.Trees, tree =>
        {
            sink.BeginTree(tree);
            return visitor;
        });
    }

    private sealed class Visitor(IPageMapSink sink, DamageList damage) : ITreeVisitor
    {
        public void Node(NodeVisit node, scoped in NodeBounds bounds) => sink.Node(node, bounds.Lower);

        public void Overflow(NodeVisit leaf, int entry, OverflowReference reference, ulong pages) =>
            sink.Overflow(reference, pages);

        public void Damaged(Damage found)
        {
            damage.Add(found.Page, found.Pages, found.Text);
            sink.Damaged(found);
        }
    }
}
