using System.Globalization;
using System.Text;
using Engine.Cli.Making;
using Engine.Cli.Reading;
using Engine.Integrity;

namespace Engine.Cli.Salvage;

/// <summary>
/// The tree for entries whose own tree is not known. Entries of several trees, and of several times, may have one key:
/// so each keeps its key behind the birth and the number of its page, as <c>birth.page:key</c>. Where that is longer
/// than a key may be, the entry goes under its own key into a tree that is named after the page.
/// </summary>
internal sealed class LostAndFound
{
    private const string Name = "lost-and-found";

    /// <summary>So many leaves are listed; the keys themselves tell of all.</summary>
    private const int Listed = 1000;

    private readonly TreeFiller _filler;
    private readonly List<FoundLeaf> _leaves = [];
    private readonly List<string> _ownTrees = [];
    private byte[] _key = [];
    private ulong _last;

    /// <param name="filler">The new database.</param>
    /// <param name="names">The names that trees have already.</param>
    public LostAndFound(TreeFiller filler, IReadOnlySet<string> names)
    {
        _filler = filler;
        TreeName = Name;
        for (int i = 2; names.Contains(TreeName); i++)
            TreeName = string.Create(CultureInfo.InvariantCulture, $"{Name}-{i}");
    }

    public string TreeName { get; }

    public long Entries { get; private set; }

    public long Leaves { get; private set; }

    /// <summary>The first leaves.</summary>
    public IReadOnlyList<FoundLeaf> First => _leaves;

    /// <summary>Values that cannot be read.</summary>
    public LossList Losses { get; } = new();

    /// <summary>Puts an entry. Those of one leaf come one after the other.</summary>
    public void Put(ulong page, ulong birth, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (Leaves == 0 || _last != page)
            BeginLeaf(page, birth);
        string label = string.Create(CultureInfo.InvariantCulture, $"{birth}.{page}");
        bool fits = label.Length + 1 + key.Length <= _filler.MaxKeyLength;
        if (fits)
            _filler.Enter(TreeName);
        else
            EnterOwnTree($"{TreeName} {label}");
        if (fits)
        {
            int length = label.Length + 1 + key.Length;
            if (_key.Length < length)
                _key = new byte[Math.Max(length, 256)];
            Encoding.ASCII.GetBytes(label + ":", _key);
            key.CopyTo(_key.AsSpan(label.Length + 1));
            key = _key.AsSpan(0, length);
        }

        if (!_filler.TryAdd(key, value))
            return;
        Entries++;
        if (_leaves[^1].Page == page)
            _leaves[^1] = _leaves[^1] with { Entries = _leaves[^1].Entries + 1 };
    }

    /// <summary>Shows all entries with their own keys.</summary>
    public void Read(SoundTrees.Put show)
    {
        _filler.Read(TreeName, (key, value) => show(key[(key.IndexOf((byte)':') + 1)..], value));
        foreach (string tree in _ownTrees)
            _filler.Read(tree, show);
    }

    private void EnterOwnTree(string tree)
    {
        if (_ownTrees.Count == 0 || _ownTrees[^1] != tree)
            _ownTrees.Add(tree);
        _filler.Enter(tree);
    }

    private void BeginLeaf(ulong page, ulong birth)
    {
        _last = page;
        Leaves++;
        if (_leaves.Count < Listed)
            _leaves.Add(new FoundLeaf(page, birth, 0));
    }
}
