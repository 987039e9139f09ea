using Engine.Bench.Observing;
using Engine.Pages;

namespace Engine.Bench.Costs;

/// <summary>What the engine wrote to its file.</summary>
internal sealed class WriteCounts : IStorageObserver
{
    /// <summary>Bytes behind the superblock and the metas: pages of trees and of the space log.</summary>
    public long PageBytes { get; private set; }

    public long MetaBytes { get; private set; }

    public long Calls { get; private set; }

    public long Flushes { get; private set; }

    public void NoteWrite(long offset, int length)
    {
        Calls++;
        if (offset < PageLayout.ReservedBytes)
        {
            MetaBytes += length;
        }
        else
        {
            PageBytes += length;
        }
    }

    public void NoteFlush() => Flushes++;

    public void NoteLength(long length)
    {
        // A length is no page.
    }

    public void Clear() => (PageBytes, MetaBytes, Calls, Flushes) = (0, 0, 0, 0);
}
