namespace Engine.Bench.Reports;

/// <summary>Tables for a document.</summary>
internal static class MarkdownReport
{
    public static void Write(Report report, TextWriter output)
    {
        foreach ((string name, string text) in ReportFacts.Head(report))
        {
            output.WriteLine($"* {name}: {(name == "command" ? $"`{text}`" : text)}");
        }

        foreach (ReportTable table in ReportTables.Of(report))
        {
            output.WriteLine();
            output.WriteLine($"**{table.Title}**");
            output.WriteLine();
            output.WriteLine($"| {string.Join(" | ", table.Columns)} |");
            output.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---:|", table.Columns.Count - 1))}");
            foreach (IReadOnlyList<string> row in table.Rows)
            {
                output.WriteLine($"| {string.Join(" | ", row.Select(cell => cell.Trim().Replace("|", "\\|", StringComparison.Ordinal)))} |");
            }
        }

        foreach (string line in ReportFacts.CallCosts(report).Concat(ReportFacts.Failures(report)))
        {
            output.WriteLine();
            output.WriteLine(line);
        }
    }
}
