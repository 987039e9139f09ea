namespace Engine.Integrity;

/// <summary>
/// A branch above leaves that was checked, and whose children several threads visit. It keeps all that they need of the
/// branches above it.
/// </summary>
internal sealed class SharedBranch(int pageSize)
{
    private byte[] _page = new byte[pageSize];

    /// <summary>The separators around the branch, one behind the other.</summary>
    private byte[] _bounds = [];

    /// <summary>The branch; nobody changes it.</summary>
    public byte[] Page => _page;

    /// <summary>What led to it.</summary>
    public NodeReference Node { get; private set; }

    public byte[] Bounds => _bounds;

    /// <summary>How long the separators are; -1 where there is none.</summary>
    public int LowerLength { get; private set; }

    public int UpperLength { get; private set; }

    /// <summary>How many children it has.</summary>
    public int Count { get; private set; }

    /// <summary>The first child that nobody has taken.</summary>
    public int Next { get; set; }

    /// <summary>How many runs of children are being visited.</summary>
    public int Running { get; set; }

    /// <summary>Takes a branch over.</summary>
    /// <param name="node">What led to it.</param>
    /// <param name="page">The branch; becomes a page for the next one.</param>
    /// <param name="bounds">The keys that belong below it.</param>
    public void Take(in NodeReference node, ref byte[] page, in NodeBounds bounds)
    {
        (_page, page) = (page, _page);
        Node = node;
        LowerLength = bounds.HasLower ? bounds.Lower.Length : -1;
        UpperLength = bounds.HasUpper ? bounds.Upper.Length : -1;
        var length = bounds.Lower.Length + bounds.Upper.Length;
        if (_bounds.Length < length)
            _bounds = new byte[Math.Max(length, 2 * _bounds.Length)];
        bounds.Lower.CopyTo(_bounds);
        bounds.Upper.CopyTo(_bounds.AsSpan(bounds.Lower.Length));
        Count = BranchCheck.Count(_page);
        Next = 0;
    }
}
