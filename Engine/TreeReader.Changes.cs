using Engine.Pages;
using Engine.Trees;

namespace Engine;

/// <content>What changed.</content>
public readonly ref partial struct TreeReader
{
    /// <summary>
    /// The entries that this tree and another state of it do not have in common: what was added, changed and removed
    /// since. What both share is not read. Given the newer state for the older one, it is the same the other way round.
    /// </summary>
    /// <param name="older">
    /// The tree in another state of the same <see cref="Database"/>, perhaps under another name. (Trees that are no
    /// states of one are compared rightly, too, entry by entry.)
    /// </param>
    /// <exception cref="ArgumentException">It is one of another database.</exception>
    public TreeDifference ChangesSince(TreeReader older) => new(older, this);

    /// <summary>Compares two trees.</summary>
    internal static TreeDiff Compare(TreeReader older, TreeReader newer) =>
        new(older.Source, older._tree, newer.Source, newer._tree);

    /// <summary>What the state says of the tree.</summary>
    internal TreeRecord Record => _tree;

    /// <summary>Refuses a transaction that has ended.</summary>
    internal void RequireOpen() => Context();
}
