namespace Engine;

/// <summary>
/// The indexes of a tree are not those that its handle declares, so that writing would leave some of them stale, or
/// reading find nothing. Nothing was read or changed.
/// </summary>
public sealed class IndexMismatchException : DatabaseException
{
    /// <summary>Makes an exception with a message.</summary>
    /// <param name="treeName">The name of the tree.</param>
    /// <param name="message">What differs, and what to do.</param>
    public IndexMismatchException(string treeName, string message)
        : base(message)
    {
        TreeName = treeName;
    }

    /// <summary>The name of the tree.</summary>
    public string TreeName { get; }
}
