using Engine.PropertyTests.Checking;

namespace Engine.PropertyTests.Malformed;

/// <summary>A sound image that mutations start from, with what the states in it hold.</summary>
internal sealed class MalformedSample
{
    private readonly Dictionary<(ulong Id, int Variant), ulong> _digestsAfter = [];

    public MalformedSample(
        string name,
        int pageSize,
        byte[] image,
        IReadOnlyList<byte[]> history,
        IReadOnlyDictionary<ulong, TreeContents> states,
        string treeName)
    {
        Name = name;
        PageSize = pageSize;
        Image = image;
        History = history;
        States = states;
        TreeName = treeName;
        var report = ImageChecker.Check(image);
        Meta = report.Meta;
        Map = ImageMap.Of(image, Meta);
        FreePages = [.. report.Free.Where(page => !page.Value.BelongsTo(Meta.DurableId)).Select(page => page.Key)];
        Keys = [.. states[Meta.Id].Main.Keys];
        if (Keys.Length < 8)
        {
            Keys = [.. Enumerable.Range(0, 8).Select(i => (byte[])[(byte)('a' + i)])];
        }
    }

    public string Name { get; }

    public int PageSize { get; }

    public byte[] Image { get; }

    /// <summary>The image after each earlier commit: stale pages come from here.</summary>
    public IReadOnlyList<byte[]> History { get; }

    /// <summary>What each commit left, by its id.</summary>
    public IReadOnlyDictionary<ulong, TreeContents> States { get; }

    public MetaImage Meta { get; }

    public ImageMap Map { get; }

    /// <summary>Pages that belong to neither meta's state.</summary>
    public long[] FreePages { get; }

    /// <summary>Keys of the default tree, ascending; at least eight.</summary>
    public byte[][] Keys { get; }

    /// <summary>A named tree.</summary>
    public string TreeName { get; }

    /// <summary>The digest of a state after the change script.</summary>
    public ulong DigestAfter(ulong id, int variant)
    {
        if (!_digestsAfter.TryGetValue((id, variant), out var digest))
        {
            var contents = States[id].Clone();
            ChangeScript.Apply(contents, this, variant);
            _digestsAfter[(id, variant)] = digest = contents.Digest;
        }

        return digest;
    }
}
