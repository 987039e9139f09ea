namespace Engine.Integrity;

/// <summary>What was found in one tree.</summary>
internal struct TreeCounts
{
    public TreeCounts()
    {
    }

    public ulong Entries { get; set; }

    public ulong LeafPages { get; set; }

    public ulong BranchPages { get; set; }

    public ulong OverflowPages { get; set; }

    /// <summary>False once something of the tree could not be walked: the counts then say nothing.</summary>
    public bool AreComplete { get; set; } = true;

    /// <summary>
    /// Whether a part of the tree was not walked because another state has it too: the counts then say nothing either.
    /// </summary>
    public bool LeaveOutKnown { get; set; }

    /// <summary>Adds what was found in another part of the tree.</summary>
    public void Add(in TreeCounts part)
    {
        Entries += part.Entries;
        LeafPages += part.LeafPages;
        BranchPages += part.BranchPages;
        OverflowPages += part.OverflowPages;
        AreComplete &= part.AreComplete;
        LeaveOutKnown |= part.LeaveOutKnown;
    }
}
