using System.Globalization;
using Engine.Extensions.Nats;

namespace Engine.ReplicaTool;

/// <summary><c>status</c>: asks the stream and all nodes.</summary>
internal static class StatusCommand
{
    public static async Task<int> RunAsync(
        TextWriter output,
        string name,
        string servers,
        bool withDigests,
        TimeSpan wait,
        CancellationToken cancellationToken)
    {
        await using var connection = await Servers.ConnectAsync(servers);
        var report = await ReplicaInspector.AskAsync(connection, name, withDigests, wait, cancellationToken);
        Write(output, report, withDigests);
        var isWell = report.AreEqual && report.Nodes.All(static node => node.State != ReplicaState.Failed);
        return isWell && (!withDigests || report.Digests.Count == report.Nodes.Count) ? App.Ok : App.Different;
    }

    private static void Write(TextWriter output, ClusterReport report, bool withDigests)
    {
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"log {report.LogId}: messages {report.FirstSequence} to {report.LastSequence}, {report.Bytes} bytes"));
        foreach (var node in report.Nodes)
        {
            var lag = report.LastSequence > node.AppliedSequence ? report.LastSequence - node.AppliedSequence : 0;
            var trouble = node.Trouble is null ? string.Empty : $": {node.Trouble}";
            var role = node.Role is null
                ? string.Empty
                : string.Create(CultureInfo.InvariantCulture, $"{node.Role} in epoch {node.Epoch}, ")
                    .ToLowerInvariant();
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{node.Node}: {role}applied {node.AppliedSequence}, lag {lag}, {node.State}{trouble}"));
            foreach (var path in node.SetAside ?? [])
            {
                output.WriteLine($"  has commits that were never published: {path}");
            }
        }

        if (report.DigestSequence is not { } sequence)
        {
            if (withDigests)
            {
                output.WriteLine("no digests: no node is the primary, which says of which state they are to be");
            }

            return;
        }

        var silent = report.Nodes.Select(static node => node.Node)
            .Except(report.Digests.Select(static digest => digest.Node)).ToList();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"at {sequence}: {(report.AreEqual ? "equal" : "NOT EQUAL")} on {report.Digests.Count} nodes"));
        DigestText.Write(output, report.Digests);
        if (silent.Count > 0)
        {
            output.WriteLine($"no digest in time from {string.Join(", ", silent)}: wait longer (--wait)");
        }
    }
}
