using Engine.Cli.Shared;
using Engine.Integrity;

namespace Engine.Cli.Inspection;

/// <summary>
/// Walks several trees of a file with progress; each page is visited once, whichever tree it belongs to.
/// </summary>
internal static class FileWalk
{
    /// <summary>What is called when progress has something to say is looked up only every so many pages.</summary>
    private const ulong Interval = 256;

    public static void Run(
        CommandContext context,
        InspectedFile file,
        IEnumerable<TreeInfo> trees,
        Func<TreeInfo, ITreeVisitor> visitorOf) =>
        _ = context.Progress.Run($"reading {Path.GetFileName(file.Path)}", (long)file.Geometry.PageCount, progress =>
        {
            ulong next = Interval;
            var scan = new TreeScan(file, new PageSet(file.Geometry.PageCount), Report, context.Cancellation);
            foreach (TreeInfo tree in trees)
                scan.Walk(tree, visitorOf(tree));
            return 0;

            void Report(ulong pages)
            {
                if (pages < next)
                    return;
                next = pages + Interval;
                progress((long)pages, (long)pages);
            }
        }, ProgressUnit.Pages);
}
