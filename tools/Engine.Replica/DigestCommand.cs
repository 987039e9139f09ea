using System.Globalization;
using Engine.Extensions.Nats;

namespace Engine.ReplicaTool;

/// <summary><c>digest</c>: of database files, without a server.</summary>
internal static class DigestCommand
{
    public static int Run(TextWriter output, string[] files)
    {
        var exitCode = App.Ok;
        var reports = new List<DigestReport>();
        foreach (var file in files)
        {
            using var database = Database.Open(file, new DatabaseOptions { ReadOnly = true });
            reports.Add(ReplicaInspector.ReadDigest(database, file));
        }

        foreach (var same in reports.GroupBy(static report => report.Sequence).OrderBy(static group => group.Key))
        {
            var group = same.ToList();
            var isEqual = group.All(one => one.History == group[0].History && one.DifferencesFrom(group[0]).Count == 0);
            exitCode = isEqual ? exitCode : App.Different;
            var nodes = string.Join(", ", group.Select(static one => one.Node));
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"at {same.Key}: {(isEqual ? "equal" : "NOT EQUAL")} in {nodes}"));
            DigestText.Write(output, group);
        }

        return exitCode;
    }
}
