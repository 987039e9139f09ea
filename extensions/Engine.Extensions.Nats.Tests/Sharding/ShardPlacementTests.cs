using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Engine.Extensions.Nats.Tests.Sharding;

/// <summary>Where shards are placed: enough holders, apart from each other, evenly, and without moving much.</summary>
public class ShardPlacementTests
{
    private const int Shards = 96;

    [TestCase("node-1", 0, 0xa3918334d8509e7aUL)]
    [TestCase("node-1", 7, 0x337572bfea854962UL)]
    public void Score_OfKnownNames_IsWhatTheDocumentSays(string node, int shard, ulong score) =>
        Assert.That(ShardPlacement.Score(node, shard), Is.EqualTo(score));

    [Property(MaxTest = 60)]
    public FsCheck.Property Place_OfAnyNodes_GivesEachShardEnoughHoldersInDifferentRacks() => ForAll(static plan =>
    {
        foreach (var holders in Place(plan.Nodes, plan))
        {
            var expected = Math.Min(plan.Copies, plan.Nodes.Count);
            var racks = plan.Nodes.Select(RackOf).Distinct().Count();
            Assert.That(holders.Select(static node => node.Name).Distinct().Count(), Is.EqualTo(expected));
            Assert.That(holders, Has.Count.EqualTo(expected));
            Assert.That(holders.Select(RackOf).Distinct().Count(), Is.EqualTo(Math.Min(expected, racks)));
        }
    });

    /// <summary>Without a limit: each shard has at most one new holder, and that is the new node.</summary>
    [Property(MaxTest = 60)]
    public FsCheck.Property Place_WhenANodeJoinsOrLeaves_MovesNothingElse() => ForAll(static plan =>
    {
        var free = plan with { MaxLoad = double.PositiveInfinity };
        var before = Place(plan.Nodes, free);
        PlacementNode joining = new("joining", plan.Nodes[0].Rack);
        var after = Place([.. plan.Nodes, joining], free);
        for (var shard = 0; shard < Shards; shard++)
        {
            // The other way round it is the node that leaves.
            var came = after[shard].Except(before[shard]).ToList();
            var went = before[shard].Except(after[shard]).ToList();
            Assert.That(came, Is.SubsetOf(new[] { joining }));
            Assert.That(went, Has.Count.LessThanOrEqualTo(came.Count));
            if (plan.Copies <= plan.Nodes.Count)
            {
                Assert.That(went, Has.Count.EqualTo(came.Count));
            }
        }
    });

    [Property(MaxTest = 60)]
    public FsCheck.Property Place_WithALimitAndWithoutRacks_KeepsToItWhereItCan() => ForAll(static plan =>
    {
        PlacementNode[] nodes = [.. plan.Nodes.Select(static node => node with { Rack = string.Empty })];
        var copies = Math.Min(plan.Copies, nodes.Length);
        var limit = Math.Ceiling((double)Shards * copies / nodes.Length * plan.MaxLoad);
        var loads = Place(nodes, plan).SelectMany(static holders => holders).CountBy(static node => node.Name)
            .Select(static load => load.Value).ToList();

        // The last few shards may find too few nodes with room.
        Assert.That(loads.Max(), Is.LessThanOrEqualTo(limit + copies));
        Assert.That(loads.Sum(), Is.EqualTo(Shards * copies));
    });

    [Test]
    public void Place_OfAHundredNodes_IsAsEvenAsTheDocumentSays()
    {
        PlacementNode[] nodes = [.. Enumerable.Range(0, 100).Select(static i => new PlacementNode($"s1-node-{i:d3}"))];

        var free = LoadsOf(ShardPlacement.Place(nodes, 512, 3));
        var even = LoadsOf(ShardPlacement.Place(nodes, 512, 3, 1.1));

        Assert.That((free.Min(), free.Max()), Is.EqualTo((6, 24)));
        Assert.That(even.Max(), Is.EqualTo(17));
    }

    [Test]
    public void ShardsOf_OfAllNodes_AreThoseOfThePlacement()
    {
        PlacementNode[] nodes = [new("a", "r1"), new("b", "r1"), new("c", "r2"), new("d", "r2")];
        var placed = ShardPlacement.Place(nodes, Shards, 2);

        foreach (var node in nodes)
        {
            Assert.That(
                ShardPlacement.ShardsOf(nodes, node.Name, Shards, 2),
                Is.EqualTo(Enumerable.Range(0, Shards).Where(shard => placed[shard].Contains(node))));
        }
    }

    private static List<int> LoadsOf(IReadOnlyList<IReadOnlyList<PlacementNode>> placed) =>
        [.. placed.SelectMany(static holders => holders).CountBy(static node => node.Name)
            .Select(static load => load.Value)];

    private static string RackOf(PlacementNode node) => node.Rack.Length == 0 ? $"alone {node.Name}" : node.Rack;

    private static IReadOnlyList<IReadOnlyList<PlacementNode>> Place(
        IReadOnlyCollection<PlacementNode> nodes, Plan plan) =>
        ShardPlacement.Place(nodes, Shards, plan.Copies, plan.MaxLoad);

    private static FsCheck.Property ForAll(Action<Plan> check)
    {
        var racks = Gen.Elements(string.Empty, "r1", "r2", "r3", "r4");
        var plans = Gen.Zip(
            Gen.Zip(Gen.Choose(0, 1_000_000), Gen.Choose(1, 4)),
            Gen.Zip(racks.NonEmptyListOf(), Gen.Elements(1, 1.05, 1.25, double.PositiveInfinity)))
            .Select(static drawn => new Plan(
                [.. drawn.Item2.Item1.Select((rack, i) => new PlacementNode(
                    string.Create(CultureInfo.InvariantCulture, $"n{drawn.Item1.Item1}-{i}"), rack))],
                drawn.Item1.Item2,
                drawn.Item2.Item2));
        return Prop.ForAll(plans.ToArbitrary(), check);
    }

    private sealed record Plan(IReadOnlyList<PlacementNode> Nodes, int Copies, double MaxLoad);
}
