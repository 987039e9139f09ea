using Spectre.Console;

namespace Engine.Bench.Reports;

/// <summary>Drawn tables, for a terminal.</summary>
internal static class ConsoleReport
{
    public static void Write(ReportDocument report, IAnsiConsole console)
    {
        Grid head = new();
        head.AddColumns(2);
        foreach ((string name, string text) in report.Facts)
        {
            head.AddRow($"[bold]{Markup.Escape(name)}[/]", Markup.Escape(text));
        }

        console.Write(head);
        foreach (ReportTable table in report.Tables)
        {
            Table drawn = new() { Border = TableBorder.Rounded, Title = new TableTitle(Markup.Escape(table.Title)) };
            for (int column = 0; column < table.Columns.Count; column++)
            {
                drawn.AddColumn(
                    new TableColumn(Markup.Escape(table.Columns[column]))
                    {
                        Alignment = column == 0 ? Justify.Left : Justify.Right
                    });
            }

            foreach (IReadOnlyList<string> row in table.Rows)
            {
                drawn.AddRow([.. row.Select(Markup.Escape)]);
            }

            console.Write(drawn);
        }

        foreach (string line in report.Notes)
        {
            console.WriteLine(line);
        }

        foreach (string line in report.Failures)
        {
            console.MarkupLine($"[red]{Markup.Escape(line)}[/]");
        }
    }
}
