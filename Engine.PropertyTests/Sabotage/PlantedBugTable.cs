using System.Globalization;

namespace Engine.PropertyTests.Sabotage;

/// <summary>The table in docs/planted-bugs.md.</summary>
internal static class PlantedBugTable
{
    private const string Heading = "| Planted bug | What it does | Invariant | Caught by | After |";

    private static string File { get; } = Path.Combine(SabotagedEngine.Root, "docs", "planted-bugs.md");

    /// <summary>Name and sentence of every row, and what caught the plant when the table was written.</summary>
    public static IEnumerable<(string Name, string Breaks, string Tier, long States)> Rows() =>
        System.IO.File.ReadLines(File)
            .SkipWhile(static line => line != Heading)
            .Skip(2)
            .TakeWhile(static line => line.StartsWith('|'))
            .Select(static line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(static cells => (cells[1], cells[2], cells[4], Number(cells[5])));

    /// <summary>Writes the table, which ends the file, anew.</summary>
    /// <param name="caught">What caught each plant, by number.</param>
    public static void Write(IReadOnlyDictionary<int, (string Tier, long States)> caught)
    {
        if (caught.Count != Plants.All.Count)
        {
            throw new InvalidOperationException(
                $"{caught.Count} of {Plants.All.Count} planted bugs were caught in this run: the table needs all of "
                + "them.");
        }

        var units = Trial.Tiers.ToDictionary(static tier => tier.Name, static tier => tier.Unit);
        var rows = Plants.All.Select((plant, index) =>
        {
            var (tier, states) = caught[index + 1];
            var unit = states == 1 ? units[tier][..^1] : units[tier];
            return string.Create(
                CultureInfo.InvariantCulture,
                $"| {plant.Name} | {plant.Breaks} | {plant.Invariant} | {tier} | {states:N0} {unit} |");
        });
        var before = System.IO.File.ReadLines(File).TakeWhile(static line => line != Heading);
        var text = before.Append(Heading).Append("|---|---|---|---|---|").Concat(rows).ToList();
        System.IO.File.WriteAllText(File, string.Join('\n', text) + "\n");
    }

    /// <summary>The number that a text begins with; 0 if there is none, as before the first time.</summary>
    private static long Number(string text) =>
        long.TryParse(text.Split(' ')[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var number)
            ? number
            : 0;
}
