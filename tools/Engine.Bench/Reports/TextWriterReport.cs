namespace Engine.Bench.Reports;

/// <summary>Plain text, for redirected output.</summary>
internal static class TextWriterReport
{
    public static void Write(ReportDocument report, TextWriter output)
    {
        foreach ((string name, string text) in report.Facts)
        {
            output.WriteLine($"{name,-8} {text}");
        }

        foreach (ReportTable table in report.Tables)
        {
            output.WriteLine();
            output.WriteLine(table.Title);
            Write(table, output);
        }

        output.WriteLine();
        foreach (string line in report.Notes.Concat(report.Failures))
        {
            output.WriteLine(line);
        }
    }

    private static void Write(ReportTable table, TextWriter output)
    {
        int[] widths =
        [
            .. table.Columns.Select(
                (column, index) => table.Rows.Select(row => row[index].Length).Append(column.Length).Max())
        ];
        WriteRow(table.Columns, widths, output);
        output.WriteLine(string.Join("  ", widths.Select(width => new string('-', width))));
        foreach (IReadOnlyList<string> row in table.Rows)
        {
            WriteRow(row, widths, output);
        }
    }

    private static void WriteRow(IReadOnlyList<string> cells, int[] widths, TextWriter output) =>
        output.WriteLine(
            string.Join(
                "  ",
                cells.Select(
                    (cell, index) => index == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[index]))).TrimEnd());
}
