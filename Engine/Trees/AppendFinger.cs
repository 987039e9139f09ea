namespace Engine.Trees;

/// <summary>
/// A finger on the very end of a tree: it says that the last change of the tree was an insert behind all others, so
/// that the editor's path is still the one to it, and on whose behalf that was. An ascending load needs to know no
/// more: the tree's last key is the one that it added last.
/// </summary>
internal struct AppendFinger
{
    /// <summary>Whoever puts entries without being a load.</summary>
    public const int Nobody = 0;

    private long _changes;
    private int _load;

    /// <summary>Whether the finger is on the end of a tree that has been changed so often.</summary>
    public readonly bool IsOn(long changes) => _changes == changes;

    /// <summary>Whether the tree's last key was put by this load.</summary>
    public readonly bool IsOf(int load) => _load == load;

    /// <summary>An insert went to the end.</summary>
    /// <param name="changes">The tree's change counter after it.</param>
    /// <param name="load">The load that it was for.</param>
    public void Put(long changes, int load = Nobody)
    {
        _changes = changes;
        _load = load;
    }

    /// <summary>The path leads elsewhere from now on.</summary>
    public void Lift() => _changes = -1;
}
