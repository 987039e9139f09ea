namespace Engine.Cli.Inspection;

/// <summary>What a tree is in its database.</summary>
internal enum TreeRole
{
    /// <summary>The default tree, whose record is in the meta.</summary>
    Default,

    /// <summary>The tree that holds the records of the named trees.</summary>
    Catalog,

    /// <summary>A tree of the catalog.</summary>
    Named,
}
