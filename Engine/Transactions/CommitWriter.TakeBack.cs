using Engine.Pages;

namespace Engine.Transactions;

/// <content>Undoing what a commit did to its pages before it could not write them.</content>
internal sealed partial class CommitWriter
{
    /// <summary>
    /// Undoes the numbering: the collected pages refer to each other as dirty ones again. Their trees' records are the
    /// caller's business.
    /// </summary>
    /// <returns>The dirty references by the numbers that they had.</returns>
    public Dictionary<ulong, ulong> TakeNumbersBack()
    {
        var references = new Dictionary<ulong, ulong>(Collected);
        foreach (var list in (ReadOnlySpan<List<ulong>>)[_runs, _leaves, _branches])
        {
            foreach (var reference in list)
            {
                ref var entry = ref _dirty[reference];
                references.Add(entry.Number, reference);
                entry.Number = 0;
                if (entry.Parent != 0)
                {
                    new BranchPage(_dirty.Get(entry.Parent)).SetChild(entry.Index, reference, 0);
                }
            }
        }

        foreach (var leaf in _runs.Count > 0 ? _leaves : [])
        {
            TakeNumbersBack(new LeafPage(_dirty.Get(leaf)), references);
        }

        Clear();
        return references;
    }

    private static void TakeNumbersBack(LeafPage leaf, Dictionary<ulong, ulong> references)
    {
        var count = leaf.Count;
        for (var i = 0; i < count; i++)
        {
            if (leaf.IsOverflow(i)
                && leaf.Overflow(i) is var value
                && references.TryGetValue(value.Page, out var reference))
            {
                leaf.SetOverflow(i, new OverflowReference(reference, 0, 0, value.Length));
            }
        }
    }
}
