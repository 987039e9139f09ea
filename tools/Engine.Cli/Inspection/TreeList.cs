using System.Text;
using Engine.Cli.Shared;
using Engine.Integrity;

namespace Engine.Cli.Inspection;

/// <summary>All trees of a file: the default tree, the catalog, and those that the catalog names.</summary>
internal sealed class TreeList : ITreeVisitor
{
    private readonly List<TreeInfo> _trees = [];
    private readonly DamageList _damage;

    private readonly bool _isOld;

    private TreeList(DamageList damage, bool isOld)
    {
        _damage = damage;
        _isOld = isOld;
    }

    /// <summary>The attributes of the database itself.</summary>
    public byte[] DatabaseAttributes { get; private set; } = [];

    /// <summary>The default tree, the catalog, then the named ones in the order of their names.</summary>
    public IReadOnlyList<TreeInfo> Trees => _trees;

    public TreeInfo Default => _trees[0];

    public TreeInfo Catalog => _trees[1];

    /// <summary>Reads the catalog, which is small: a leaf names dozens of trees.</summary>
    public static TreeList Read(InspectedFile file, DamageList damage, CancellationToken cancellation)
    {
        MetaSlot meta = file.RequireMeta();
        var list = new TreeList(damage, meta.IsOld);
        list._trees.Add(new TreeInfo { Role = TreeRole.Default, Index = 0, Record = meta.DefaultTree });
        list._trees.Add(new TreeInfo { Role = TreeRole.Catalog, Index = 1, Record = meta.Catalog });

        // With page bounds of its own: the walk that follows meets the catalog's pages again.
        new TreeScan(file, new PageSet(file.Geometry.PageCount), null, cancellation).Walk(list.Catalog, list);
        return list;
    }

    /// <summary>The tree that somebody typed the name of: <see cref="TreeNames"/>, or the catalog.</summary>
    /// <exception cref="TreeNotFoundException">There is none.</exception>
    public TreeInfo Find(string typed)
    {
        if (typed == TreeNames.Catalog)
            return Catalog;
        byte[] name = Encoding.UTF8.GetBytes(TreeNames.Parse(typed));
        if (name.Length == 0)
            return Default;
        return _trees.Find(tree => tree.Role == TreeRole.Named && name.AsSpan().SequenceEqual(tree.Name))
            ?? throw new TreeNotFoundException(
                $"there is no tree '{TreeNames.Label(name)}': engine trees lists those that there are");
    }

    public void Node(NodeVisit node, scoped in NodeBounds bounds)
    {
        if (node.Level > 0)
            return;
        for (int i = 0; i < node.Header.Count; i++)
        {
            _ = LeafCell.TryRead(node.Bytes, node.Header.Count, i, out LeafCell cell);
            byte[] name = cell.Key(node.Bytes).ToArray();
            if (name.Length == 0 && !_isOld && !cell.IsOverflow)
            {
                DatabaseAttributes = cell.Value(node.Bytes).ToArray();
                continue;
            }

            if (cell.IsOverflow || !IsRecord(cell.ValueLength))
            {
                _damage.Add(node.Page, 1, $"entry {i} of the catalog holds no tree record");
                continue;
            }

            _trees.Add(new TreeInfo
            {
                Role = TreeRole.Named,
                Index = _trees.Count,
                Name = name,
                Record = new TreeRecord(cell.Value(node.Bytes)),
                Attributes = cell.Value(node.Bytes)[FileFormat.TreeRecordLength..].ToArray(),
                Holder = node.Page,
            });
        }
    }

    private bool IsRecord(int length) =>
        _isOld ? length == FileFormat.TreeRecordLength : length >= FileFormat.TreeRecordLength;

    public void Overflow(NodeVisit leaf, int entry, OverflowReference reference, ulong pages)
    {
        // Reported above: a record is always inline.
    }

    public void Damaged(Damage damage) => _damage.Add(damage.Page, damage.Pages, damage.Text);
}
