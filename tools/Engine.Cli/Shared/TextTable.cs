using Spectre.Console;

namespace Engine.Cli.Shared;

/// <summary>A table: drawn with lines on a terminal, and as aligned plain columns for a file or a pipe.</summary>
internal sealed class TextTable
{
    private const string Gap = "  ";

    private readonly string? _title;
    private readonly TableColumn[] _columns;
    private readonly List<string[]> _rows = [];

    /// <summary>Starts a table.</summary>
    /// <param name="title">Stands above the table, if there is one.</param>
    /// <param name="columns">
    /// Headings; one that begins with <c>&gt;</c> is for numbers, which line up on the right. All empty: no heading
    /// line.
    /// </param>
    public TextTable(string? title, params string[] columns)
    {
        _title = title is null ? null : ReadableText.Escape(title);
        _columns = [.. columns.Select(heading => heading.StartsWith('>')
            ? new TableColumn(heading[1..], IsNumber: true)
            : new TableColumn(heading, IsNumber: false))];
    }

    /// <summary>Adds a row; in its cells, too, what does not print becomes <c>\hh</c>.</summary>
    public void Add(params string[] cells) => _rows.Add([.. cells.Select(ReadableText.Escape)]);

    public void WriteTo(Output output)
    {
        if (output.IsTerminal)
            WriteDrawn(output);
        else
            WritePlain(output);
    }

    private bool HasHeadings => _columns.Any(column => column.Heading.Length > 0);

    private void WriteDrawn(Output output)
    {
        var table = new Table { Border = TableBorder.Rounded, ShowHeaders = HasHeadings };
        if (_title is not null)
            table.Title = new TableTitle(Markup.Escape(_title), new Style(decoration: Decoration.Bold));
        foreach (TableColumn column in _columns)
        {
            var drawn = new Spectre.Console.TableColumn(new Markup(Markup.Escape(column.Heading)));
            table.AddColumn(column.IsNumber ? drawn.RightAligned() : drawn);
        }

        foreach (string[] row in _rows)
            table.AddRow([.. row.Select(cell => new Text(cell))]);
        SpectreConsole.For(output).Write(table);
    }

    private void WritePlain(Output output)
    {
        if (_title is not null)
            output.WriteLine(_title);
        IEnumerable<string[]> lines = HasHeadings
            ? _rows.Prepend([.. _columns.Select(column => column.Heading)])
            : _rows;
        int[] widths =
            [.. _columns.Select((column, i) => _rows.Select(row => row[i].Length).Append(column.Heading.Length).Max())];
        foreach (string[] line in lines)
        {
            IEnumerable<string> cells =
                line.Select((cell, i) => _columns[i].IsNumber ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]));
            output.WriteLine(string.Join(Gap, cells).TrimEnd());
        }
    }

    private readonly record struct TableColumn(string Heading, bool IsNumber);
}
