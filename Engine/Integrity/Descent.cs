namespace Engine.Integrity;

/// <summary>Where a <see cref="TreeDescent"/> goes from a node.</summary>
internal enum Descent
{
    /// <summary>Not below it: it is a leaf, or not to be believed, or nobody wants to see more of it.</summary>
    None,

    /// <summary>To the children of a branch, each bounded by the separators around it.</summary>
    Ordered,

    /// <summary>
    /// To the children of a branch whose separators bound nothing; what bounds the branch as a whole bounds its children.
    /// </summary>
    Unordered,

    /// <summary>Nowhere: the walk ends.</summary>
    Stop,
}
