using Engine.Integrity;

namespace Engine.Cli.Inspection.Map;

/// <summary>
/// Writes each page as a few bytes for the script of the HTML map, as it comes: records of a tag and numbers, which
/// map.html reads in the same order. Memory does not grow with the file.
/// </summary>
internal sealed class HtmlSink(InspectedFile file, MapDataWriter data) : IPageMapSink
{
    private const int LongestKey = 40;
    private const int MostTexts = 1000;

    private readonly ulong _newest = file.Meta?.Id ?? 0;
    private readonly byte[] _lastKey = new byte[LongestKey];
    private readonly List<string> _texts = [];
    private int _lastKeyLength;
    private ulong _lastPage;

    private enum Tag : ulong
    {
        End,
        Reserved,
        Free,
        Log,
        Tree,
        Node,
        Overflow,
        Damaged,
    }

    /// <summary>What the damaged pages refer to by number.</summary>
    public IReadOnlyList<string> DamageTexts => _texts;

    public void Reserved(ulong first, ulong pages)
    {
        Begin(Tag.Reserved);
        data.Number(first);
        data.Number(pages);
    }

    public void Free(FreeExtent extent, bool isWaiting)
    {
        Begin(Tag.Free);
        data.Number(extent.First);
        data.Number(extent.Pages);
        data.Number(extent.Birth);
        data.Number(extent.FreedIn);
        data.Number(isWaiting ? 1UL : 0);
    }

    public void Log(ulong page, byte[] bytes)
    {
        var header = new PageHeader(bytes);
        Begin(Tag.Log);
        data.Number(page);
        data.Number(Age(header.Birth));
        data.Number(header.Length);
        data.Word(header.Crc);
    }

    public void ListRun(OverflowReference run, ulong pages)
    {
        for (ulong i = 0; i < pages; i++)
        {
            Begin(Tag.Log);
            data.Number(run.Page + i);
            data.Number(Age(run.Birth));
            data.Number((ulong)(file.PageSize - FileFormat.LogEntriesOffset));
            data.Word(run.Crc);
        }
    }

    public void BeginTree(TreeInfo tree)
    {
        Begin(Tag.Tree);
        data.Number((ulong)tree.Index);
        _lastPage = 0;
        _lastKeyLength = 0;
    }

    public void Node(NodeVisit node, ReadOnlySpan<byte> lower)
    {
        Begin(Tag.Node);
        Page(node.Page);
        data.Number((ulong)node.Level);
        data.Number(Age(node.Header.Birth));
        data.Number((ulong)node.Header.Count);
        data.Number((ulong)node.Header.HeapBytes);
        data.Number((ulong)node.Header.Dead);
        data.Number((ulong)node.Header.Skip);
        data.Word(node.Header.Crc);
        Key(lower[..Math.Min(lower.Length, LongestKey)]);
    }

    public void Overflow(OverflowReference run, ulong pages)
    {
        Begin(Tag.Overflow);
        Page(run.Page);
        data.Number(pages);
        data.Number(Age(run.Birth));
        data.Number(run.Length);
        data.Word(run.Crc);
    }

    public void Damaged(Damage damage)
    {
        if (damage.Page is not { } page || !file.Geometry.Contains(page, damage.Pages))
            return;
        Begin(Tag.Damaged);
        data.Number(page);
        data.Number(damage.Pages);
        data.Number((ulong)Math.Min(_texts.Count, MostTexts));
        if (_texts.Count <= MostTexts)
            _texts.Add(_texts.Count == MostTexts ? "damaged; engine check says how" : damage.Text);
    }

    public void End() => Begin(Tag.End);

    private void Begin(Tag tag) => data.Number((ulong)tag);

    private ulong Age(ulong birth) => _newest - Math.Min(birth, _newest);

    private void Page(ulong page)
    {
        data.Difference(page, _lastPage);
        _lastPage = page;
    }

    /// <summary>Neighbours in key order begin alike: only what differs is written.</summary>
    private void Key(ReadOnlySpan<byte> key)
    {
        int shared = key.CommonPrefixLength(_lastKey.AsSpan(0, _lastKeyLength));
        data.Number((ulong)shared);
        data.Number((ulong)(key.Length - shared));
        data.Bytes(key[shared..]);
        key.CopyTo(_lastKey);
        _lastKeyLength = key.Length;
    }
}
