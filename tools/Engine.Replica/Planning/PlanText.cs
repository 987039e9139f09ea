using System.Globalization;

namespace Engine.ReplicaTool.Planning;

/// <summary>A plan as a table.</summary>
internal static class PlanText
{
    private const int LabelWidth = 35;

    private static readonly (double Size, string Unit)[] Units =
        [(1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];

    /// <summary>Writes it, and what will not do; how many lines that is.</summary>
    public static int Write(TextWriter output, ShardPlan plan)
    {
        var input = plan.Input;
        var most = plan.MaxLoad;
        var mean = plan.MeanLoad.ToString("0.0", CultureInfo.InvariantCulture);
        Row("shards on a node (min, mean, max)", $"{plan.MinLoad}, {mean}, {most}");
        Row(
            "entries of a shard, of a node (max)",
            $"{Count(plan.EntriesOfShard)}, {Count(plan.EntriesOfShard * most)}");
        Row(
            "files of a shard, of a node (max)",
            $"{Size(plan.BytesOfShard)}, {Size(plan.BytesOfShard * most)}");
        Row("memory of a node (max)", $"{Size(plan.MemoryOfNode)}");
        Row(
            "puts/s of a stream",
            $"{Count(plan.WritesOfStream)} of {Count(input.StreamRate)} "
            + $"({Share(plan.WritesOfStream, input.StreamRate)}), {Count(plan.MessagesOfStream)} messages/s");
        Row(
            "puts/s that a node applies (max)",
            $"{Count(plan.WritesOfStream * most)} of {Count(input.NodeRate)} "
            + $"({Share(plan.WritesOfStream * most, input.NodeRate)})");
        Row(
            "messages/s of a node (max)",
            $"{Count(plan.MessagesOfStream * most)}, and as many flushes of its disk at the most");
        Row("streams, Raft groups of a server", $"{plan.Streams}, {Math.Round(plan.GroupsOfServer)}");
        Row("disk of a server", $"{Size(plan.BytesOfServer)}");
        Row(
            "a snapshot of each shard",
            $"every {Time(plan.SnapshotInterval)}, {Size(plan.SnapshotRate)}/s from all nodes");
        Row("questions to the servers", $"{Count(plan.Probes)}/s");
        Row(
            "copies left without a node, a rack",
            $"{plan.LeftWithoutNode}, {(plan.LeftWithoutRack is { } left ? $"{left}" : "-")}");
        Row("a node joins", Describe(plan, plan.Joined));
        Row("the fullest node is lost", Describe(plan, plan.LostNode));
        var warnings = Warnings(plan).ToList();
        warnings.ForEach(warning => output.WriteLine($"! {warning}"));
        return warnings.Count;

        void Row(string label, string text) => output.WriteLine($"{label.PadRight(LabelWidth)}  {text}");
    }

    private static string Describe(ShardPlan plan, Movement movement) =>
        $"{movement.Shards} copies, {Size(movement.Shards * plan.SnapshotOfShard)}, to {movement.Receivers} nodes in "
        + Time(plan.SecondsOf(movement));

    private static IEnumerable<string> Warnings(ShardPlan plan)
    {
        var input = plan.Input;
        if (plan.WritesOfStream > input.StreamRate)
        {
            yield return "a stream cannot take so many writes: more shards";
        }

        if (plan.WritesOfStream * plan.MaxLoad > input.NodeRate)
        {
            yield return "the fullest node cannot apply so many writes: more nodes, fewer copies, or --max-load";
        }

        if (plan.LeftWithoutNode < 1 || plan.LeftWithoutRack < 1)
        {
            yield return "some shards are lost to readers with one node or rack: more copies, or more racks than one";
        }

        if (plan.MinLoad == 0)
        {
            yield return "some nodes hold nothing: more shards, or --max-load";
        }
    }

    private static string Share(double part, double whole) =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * part / whole:0.#} %");

    private static string Size(double bytes) => $"{Short(bytes)}B";

    private static string Count(double value) => Short(value).TrimEnd();

    private static string Short(double value)
    {
        foreach (var (size, unit) in Units)
        {
            if (value >= size)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{value / size:0.##} {unit}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.##} ");
    }

    private static string Time(double seconds) => seconds switch
    {
        double.PositiveInfinity => "never",
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#} s"),
        < 7200 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0.#} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0.#} h"),
    };
}
