namespace Engine.Cli.Statistics;

/// <summary>What <c>stat</c> says of a tree.</summary>
/// <param name="Name">The name; empty for the default tree.</param>
/// <param name="Statistics">What the tree's record holds.</param>
/// <param name="LeafFill">
/// The share of the leaves that entries take up, from 0 to 1; nothing if it was not measured.
/// </param>
/// <param name="Damage">What measuring came across, if it is not what the format demands.</param>
internal sealed record TreeFacts(string Name, TreeStatistics Statistics, double? LeafFill = null, string? Damage = null)
{
    public long Pages => Statistics.BranchPages + Statistics.LeafPages + Statistics.OverflowPages;

    public string DisplayName => Shared.TreeNames.Label(Name);
}
