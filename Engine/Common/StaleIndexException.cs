namespace Engine;

/// <summary>
/// An index has an entry whose key is not in its tree: something has written to the tree without its indexes.
/// </summary>
public sealed class StaleIndexException : DatabaseException
{
    /// <summary>Makes an exception for an index.</summary>
    /// <param name="treeName">The name of the tree.</param>
    /// <param name="indexName">The name of its index.</param>
    public StaleIndexException(string treeName, string indexName)
        : base(
            $"Index '{indexName}' has an entry whose key is not in tree '{treeName}': something has written to the "
            + "tree, or to the index, as bytes. WriteTransaction.RebuildIndexes makes the indexes anew.")
    {
        TreeName = treeName;
        IndexName = indexName;
    }

    /// <summary>The name of the tree.</summary>
    public string TreeName { get; }

    /// <summary>The name of the index.</summary>
    public string IndexName { get; }
}
