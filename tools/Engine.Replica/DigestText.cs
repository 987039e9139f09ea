using System.Globalization;
using Engine.Extensions.Nats;

namespace Engine.ReplicaTool;

/// <summary>Digests as text: a tree a line, and a line for each node where they differ.</summary>
internal static class DigestText
{
    public static void Write(TextWriter output, IReadOnlyList<DigestReport> digests)
    {
        foreach (var tree in digests.SelectMany(static digest => digest.Trees.Keys).Distinct()
            .Order(StringComparer.Ordinal))
        {
            foreach (var group in digests.GroupBy(digest => digest.Trees.GetValueOrDefault(tree)))
            {
                var name = tree.Length == 0 ? "(default)" : tree;
                var summary = group.Key is null
                    ? "absent"
                    : string.Create(CultureInfo.InvariantCulture, $"{group.Key.Entries} entries, {group.Key.Digest}");
                var isShared = group.Count() == digests.Count;
                var who = isShared ? string.Empty : $" on {string.Join(", ", group.Select(static one => one.Node))}";
                output.WriteLine($"  {name}: {summary}{who}");
            }
        }
    }
}
