using System.Globalization;
using Engine.Extensions.Nats;

namespace Engine.ReplicaTool;

/// <summary>
/// <c>digest</c>: of database files, without a server. Those of one log are compared at the same sequence; a folder
/// stands for all databases in it and below, such as the shards of a node.
/// </summary>
internal static class DigestCommand
{
    public static int Run(TextWriter output, string[] files)
    {
        var exitCode = App.Ok;
        var reports = new List<DigestReport>();
        foreach (var file in files.SelectMany(Expand))
        {
            using var database = Database.Open(file, new DatabaseOptions { ReadOnly = true });
            reports.Add(ReplicaInspector.ReadDigest(database, file));
        }

        var logs = reports.GroupBy(static report => report.LogId)
            .OrderBy(static log => log.Min(static report => report.Node), StringComparer.Ordinal).ToList();
        foreach (var log in logs)
        {
            if (logs.Count > 1)
            {
                output.WriteLine($"log {log.Key}");
            }

            foreach (var same in log.GroupBy(static report => report.Sequence).OrderBy(static group => group.Key))
            {
                exitCode = Compare(output, [.. same]) ? exitCode : App.Different;
            }
        }

        return exitCode;
    }

    private static IEnumerable<string> Expand(string path) => Directory.Exists(path)
        ? Directory.EnumerateFiles(path, "*.db", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        : [path];

    private static bool Compare(TextWriter output, List<DigestReport> group)
    {
        var isEqual = group.All(one => one.History == group[0].History && one.DifferencesFrom(group[0]).Count == 0);
        var nodes = string.Join(", ", group.Select(static one => one.Node));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"at {group[0].Sequence}: {(isEqual ? "equal" : "NOT EQUAL")} in {nodes}"));
        DigestText.Write(output, group);
        return isEqual;
    }
}
