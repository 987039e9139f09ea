using Engine.Cli.Shared;
using Spectre.Console;

namespace Engine.Cli.Inspection.Map;

/// <summary>The map of a file as letters, coloured on a terminal that has colours.</summary>
internal sealed class TerminalMap(InspectedFile file, GridSink grid, MapColoring coloring, int cellsPerRow)
{
    /// <summary>From cold to hot: ten shades of the 256 colours that every terminal with colours has.</summary>
    private static readonly byte[] Ramp = [17, 18, 24, 30, 36, 71, 107, 143, 179, 220];

    private readonly int _labelWidth = Math.Max(6, file.Geometry.PageCount.ToString().Length);

    /// <summary>
    /// The columns of the map, and how many pages a cell stands for, so that it has at most so many rows.
    /// </summary>
    public static (int CellsPerRow, ulong PagesPerCell) Layout(InspectedFile file, int width, int rows)
    {
        int label = Math.Max(6, file.Geometry.PageCount.ToString().Length) + 2;
        int cells = Math.Max((width - label) / 16 * 16, 16);
        ulong perCell = 1;
        while ((file.Geometry.PageCount + perCell - 1) / perCell > (ulong)cells * (ulong)rows)
            perCell *= 2;
        return (cells, perCell);
    }

    public void WriteTo(Output output, Presentation show)
    {
        string cell = grid.PagesPerCell == 1
            ? "one letter for each page"
            : $"one letter for {Human.Count(grid.PagesPerCell)} pages";
        TextWrap.WriteLine(
            output,
            $"{file.Path}, transaction {file.Meta?.Id}: {Human.Count((long)file.Geometry.PageCount, "page", "pages")} "
            + $"of {show.Size(file.PageSize)}, {cell}, by {coloring.ToString().ToLowerInvariant()}");
        output.WriteLine();
        IAnsiConsole? console = output.IsTerminal ? SpectreConsole.For(output) : null;
        for (int start = 0; start < grid.Cells; start += cellsPerRow)
            WriteRow(output, console, start, Math.Min(start + cellsPerRow, grid.Cells));
        output.WriteLine();
        WriteLegend(output, show);
    }

    private void WriteRow(Output output, IAnsiConsole? console, int start, int end)
    {
        string label = ((ulong)start * grid.PagesPerCell).ToString().PadLeft(_labelWidth) + "  ";
        if (console is null)
        {
            output.Write(label);
            for (int cell = start; cell < end; cell++)
                output.Write(Letter(cell).Letter.ToString());
            output.WriteLine();
            return;
        }

        var line = new Paragraph();
        line.Append(label);
        for (int cell = start; cell < end; cell++)
        {
            (char letter, Style style) = Letter(cell);
            line.Append(letter.ToString(), style);
        }

        console.Write(line);
        console.WriteLine();
    }

    private (char Letter, Style Style) Letter(int cell)
    {
        PageCategory category = grid.MainCategory(cell, out bool isPure);
        if (coloring == MapColoring.Kind || category is PageCategory.Damaged or PageCategory.Unknown)
        {
            char letter = PageCategories.LetterOf(category);
            return (isPure ? letter : char.ToLowerInvariant(letter), StyleOf(category));
        }

        if (coloring == MapColoring.Changes)
            return category == PageCategory.Reserved ? ('R', StyleOf(category)) : LetterOf(grid.MainChange(cell));
        double? value = coloring == MapColoring.Snapshots ? (category == PageCategory.Reserved ? null : grid.Named(cell))
            : coloring == MapColoring.Age ? grid.Age(cell) : grid.Fill(cell) * 10;
        if (value is not { } known)
            return (category == PageCategory.Reserved ? 'R' : '.', StyleOf(category));
        int step = Math.Clamp((int)known, 0, 9);
        return (
            (char)('0' + step),
            new Style(
                Color.FromInt32(step < 4 ? 255 : 16),
                Color.FromInt32(coloring == MapColoring.Age ? Ramp[9 - step] : Ramp[step])));
    }

    private static (char Letter, Style Style) LetterOf(PageChange change) => change switch
    {
        PageChange.Kept => ('=', new Style(Color.FromInt32(16), Color.FromInt32(71))),
        PageChange.New => ('+', new Style(Color.FromInt32(16), Color.FromInt32(220))),
        PageChange.Gone => ('-', new Style(Color.FromInt32(231), Color.FromInt32(24))),
        _ => ('.', new Style(Color.FromInt32(244))),
    };

    private static Style StyleOf(PageCategory category) => category switch
    {
        PageCategory.Reserved => new Style(Color.FromInt32(250), Color.FromInt32(238)),
        PageCategory.Branch => new Style(Color.FromInt32(16), Color.FromInt32(214)),
        PageCategory.Leaf => new Style(Color.FromInt32(16), Color.FromInt32(71)),
        PageCategory.Overflow => new Style(Color.FromInt32(16), Color.FromInt32(74)),
        PageCategory.Log => new Style(Color.FromInt32(16), Color.FromInt32(176)),
        PageCategory.Reusable => new Style(Color.FromInt32(244)),
        PageCategory.Waiting => new Style(Color.FromInt32(16), Color.FromInt32(187)),
        _ => new Style(Color.FromInt32(231), Color.FromInt32(160), Decoration.Bold),
    };

    private void WriteLegend(Output output, Presentation show)
    {
        if (coloring == MapColoring.Changes)
        {
            WriteChanges(output, show);
            return;
        }

        var table = new TextTable(null, "letter", "pages", ">count", ">size", ">share");
        foreach (PageCategory category in PageCategories.All)
        {
            ulong pages = grid.Total(category);
            if (pages == 0)
                continue;
            string letter = coloring == MapColoring.Kind || category is PageCategory.Damaged or PageCategory.Unknown
                ? PageCategories.LetterOf(category).ToString()
                    : category == PageCategory.Reserved ? "R"
                    : category is PageCategory.Reusable or PageCategory.Waiting ? "."
                    : "0-9";
            table.Add(
                letter, PageCategories.NameOf(category), Human.Count(pages), show.Size((double)pages * file.PageSize),
                Human.Percent((double)pages / file.Geometry.PageCount));
        }

        table.WriteTo(output);
        if (coloring == MapColoring.Age)
            TextWrap.WriteLine(
                output,
                "0: written by the newest commit, 1: by the one before, 2: 2 or 3 commits ago, 3: 4 to 7, and so on; "
                + "9: 256 and more");
        else if (coloring == MapColoring.Snapshots)
            TextWrap.WriteLine(
                output,
                "How many states with names have a page, on the average of a letter's pages; 9: nine and more. Free pages "
                + "with a digit wait for them.");
        else if (coloring == MapColoring.Fill)
            output.WriteLine("0: less than 10 % full, 1: 10 to 20 %, and so on; 9: 90 % and more");
        else if (grid.PagesPerCell > 1)
            TextWrap.WriteLine(
                output, "A small letter: most, but not all of these pages; damage shows even if it is a single page.");
    }

    private void WriteChanges(Output output, Presentation show)
    {
        var table = new TextTable(null, "letter", "pages", ">count", ">size", ">share");
        foreach ((PageChange change, string name) in ((PageChange, string)[])
            [
                (PageChange.Kept, "in both states"), (PageChange.New, "only in the newer one"),
                (PageChange.Gone, "only in the older one"), (PageChange.Neither, "in neither"),
            ])
        {
            ulong pages = grid.Total(change);
            if (pages != 0)
                table.Add(
                    LetterOf(change).Letter.ToString(), name, Human.Count(pages),
                    show.Size((double)pages * file.PageSize), Human.Percent((double)pages / file.Geometry.PageCount));
        }

        table.WriteTo(output);
    }
}
