namespace Engine;

/// <summary>What can be wrong with an index of a tree.</summary>
public enum IndexProblem
{
    /// <summary>The handle declares an index that the tree does not have.</summary>
    NotBuilt,

    /// <summary>The tree has an index that the handle does not declare; it could not be compared.</summary>
    NotDeclared,

    /// <summary>An entry of the tree is not in the index.</summary>
    Missing,

    /// <summary>The index has an entry that no entry of the tree has there.</summary>
    Stale,

    /// <summary>A unique index has two entries with the same key.</summary>
    Duplicate,
}
