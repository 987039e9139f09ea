namespace Engine.Bench.Reports;

/// <summary>Tables for a document.</summary>
internal static class MarkdownReport
{
    public static void Write(ReportDocument report, TextWriter output)
    {
        foreach ((string name, string text) in report.Facts)
        {
            output.WriteLine($"* {name}: {(name == "command" ? $"`{text}`" : text)}");
        }

        foreach (ReportTable table in report.Tables)
        {
            output.WriteLine();
            output.WriteLine($"**{table.Title}**");
            output.WriteLine();
            output.WriteLine($"| {string.Join(" | ", table.Columns)} |");
            output.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---:|", table.Columns.Count - 1))}");
            foreach (IReadOnlyList<string> row in table.Rows)
            {
                IEnumerable<string> cells = row.Select(
                    cell => cell.Trim().Replace("|", "\\|", StringComparison.Ordinal));
                output.WriteLine($"| {string.Join(" | ", cells)} |");
            }
        }

        foreach (string line in report.Notes.Concat(report.Failures))
        {
            output.WriteLine();
            output.WriteLine(line);
        }
    }
}
