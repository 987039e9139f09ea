namespace Engine;

/// <summary>
/// An entry would have a key of a unique index that another entry has. Nothing was changed; the transaction goes on.
/// </summary>
public sealed class UniqueIndexException : DatabaseException
{
    /// <summary>Makes an exception for an index.</summary>
    /// <param name="treeName">The name of the tree.</param>
    /// <param name="indexName">The name of its index.</param>
    public UniqueIndexException(string treeName, string indexName)
        : base(
            $"Index '{indexName}' of tree '{treeName}' is unique, and another entry has the same key in it. Change or "
            + "delete that entry first, or give this one another key.")
    {
        TreeName = treeName;
        IndexName = indexName;
    }

    /// <summary>The name of the tree.</summary>
    public string TreeName { get; }

    /// <summary>The name of the index.</summary>
    public string IndexName { get; }
}
