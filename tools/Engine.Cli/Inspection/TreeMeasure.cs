using Engine.Integrity;

namespace Engine.Cli.Inspection;

/// <summary>Adds up what a tree holds while it is walked.</summary>
internal sealed class TreeMeasure(TreeInfo tree, int pageSize, DamageList damage) : ITreeVisitor
{
    private readonly List<LevelFacts> _levels = [];

    public TreeInfo Tree => tree;

    /// <summary>From the leaves up.</summary>
    public IReadOnlyList<LevelFacts> Levels => _levels;

    public ulong Entries => _levels.Count > 0 ? _levels[0].Items : 0;

    public ulong LeafPages => _levels.Count > 0 ? _levels[0].Pages : 0;

    public ulong BranchPages { get; private set; }

    public ulong OverflowValues { get; private set; }

    public ulong OverflowPages { get; private set; }

    /// <summary>Bytes of values in overflow runs.</summary>
    public ulong OverflowBytes { get; private set; }

    public ulong KeyBytes { get; private set; }

    /// <summary>Bytes of all values.</summary>
    public ulong ValueBytes { get; private set; }

    public int LongestKey { get; private set; }

    public ulong LongestValue { get; private set; }

    /// <summary>False if a part of the tree could not be walked.</summary>
    public bool IsComplete { get; private set; } = true;

    public ulong Pages => LeafPages + BranchPages + OverflowPages;

    public double AverageKey => Entries == 0 ? 0 : (double)KeyBytes / Entries;

    public double AverageValue => Entries == 0 ? 0 : (double)ValueBytes / Entries;

    public double LeafFill => _levels.Count > 0 ? _levels[0].Fill : 0;

    public double BranchFill => BranchPages == 0 ? 0 : _levels.Skip(1).Sum(level => level.FillSum) / BranchPages;

    /// <summary>The share of the pages of overflow runs that values take.</summary>
    public double OverflowFill => OverflowPages == 0 ? 0 : (double)OverflowBytes / (OverflowPages * (ulong)pageSize);

    public void Node(NodeVisit node, scoped in NodeBounds bounds)
    {
        while (_levels.Count <= node.Level)
            _levels.Add(new LevelFacts(_levels.Count));
        LevelFacts level = _levels[node.Level];
        level.Runs += level.Pages == 0 || node.Page != level.LastPage + 1 ? 1UL : 0;
        level.LastPage = node.Page;
        level.Pages++;
        level.Items += (ulong)node.Header.Count;
        level.FillSum += node.Header.Fill(pageSize);
        if (node.Level > 0)
            BranchPages++;
        else
            AddEntries(node);
    }

    public void Overflow(NodeVisit leaf, int entry, OverflowReference reference, ulong pages)
    {
        OverflowValues++;
        OverflowPages += pages;
        OverflowBytes += reference.Length;
    }

    public void Damaged(Damage found)
    {
        IsComplete = false;
        damage.Add(found.Page, found.Pages, found.Text);
    }

    private void AddEntries(NodeVisit leaf)
    {
        for (int i = 0; i < leaf.Header.Count; i++)
        {
            _ = LeafCell.TryRead(leaf.Bytes, leaf.Header.Count, i, out LeafCell cell);
            ulong length = cell.IsOverflow ? cell.Reference(leaf.Bytes).Length : (ulong)cell.ValueLength;
            KeyBytes += (ulong)cell.KeyLength;
            ValueBytes += length;
            LongestKey = Math.Max(LongestKey, cell.KeyLength);
            LongestValue = Math.Max(LongestValue, length);
        }
    }
}
