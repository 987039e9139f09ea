using Engine.Pages;

namespace Engine.Trees;

/// <summary>
/// Several lookups in step: while one waits for the memory of its page, the others go on. Every level is a round over
/// all lanes that asks for the pages of the next round; so the waits of the lanes overlap, where lookups one after the
/// other would add them up.
/// </summary>
internal static class ManySearch
{
    /// <summary>Finds up to <see cref="SearchLanes.Count"/> keys.</summary>
    public static void Find(
        PageSource source, in TreeRecord tree, ReadOnlySpan<ReadOnlyMemory<byte>> keys, Span<SearchLane> lanes)
    {
        lanes = lanes[..keys.Length];
        if (tree.Depth == 0)
        {
            foreach (ref var lane in lanes)
            {
                lane.Index = -1;
            }

            return;
        }

        foreach (ref var lane in lanes)
        {
            lane.Reference = tree.Root;
            lane.Crc = tree.RootCrc;
        }

        for (var level = tree.Depth - 1; level > 0; level--)
        {
            for (var i = 0; i < lanes.Length; i++)
            {
                ref var lane = ref lanes[i];
                var branch = new BranchPage(source.Get(lane.Reference, lane.Crc, level));
                var child = branch.Find(keys[i].Span);
                lane.Reference = branch.Child(child);
                lane.Crc = branch.ChildCrc(child);
            }

            // On their own: asking for a page whose address the processor must look up first holds up what stands
            // behind it, but not the other lookups.
            foreach (ref var lane in lanes)
            {
                source.Prefetch(lane.Reference);
            }
        }

        for (var i = 0; i < lanes.Length; i++)
        {
            ref var lane = ref lanes[i];
            lane.Leaf = new LeafPage(source.Get(lane.Reference, lane.Crc, 0));
            lane.Index = lane.Leaf.FindCandidate(keys[i].Span);
        }

        for (var i = 0; i < lanes.Length; i++)
        {
            ref var lane = ref lanes[i];
            if (lane.Index >= 0)
            {
                lane.Index = lane.Leaf.Confirm(keys[i].Span, lane.Index);
            }
        }
    }
}
