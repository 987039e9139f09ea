namespace Engine.Cli.Shared;

/// <summary>Trees whose entries have numbers.</summary>
internal static class CountedTrees
{
    /// <exception cref="UsageException">The tree is not counted.</exception>
    public static void Require(in TreeStatistics tree, string? name)
    {
        if ((tree.Options & TreeOptions.Counted) == 0)
        {
            throw new UsageException(
                $"{TreeNames.Label(name ?? "")} is not a counted tree: 'engine create FILE TREE --counted' makes one");
        }
    }
}
