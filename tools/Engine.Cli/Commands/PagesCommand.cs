using System.CommandLine;
using Engine.Cli.Inspection;
using Engine.Cli.Inspection.Map;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine pages FILE</c></summary>
internal static class PagesCommand
{
    private const int DefaultWidth = 80;
    private const int DefaultRows = 32;

    private const string Examples = """
        Examples:
          engine pages unicode.db
          engine pages unicode.db --by fill
          engine pages shop.db --by changes --since monday
          engine pages large.db --html map.html

        --html writes one file that any browser shows, without a network: zoom with the wheel, drag, point and click for details.
        """;

    public static Command Create(CommandContext context)
    {
        var symbols = new InspectionSymbols();
        Option<string?> by = new("--by")
        {
            HelpName = "kind|age|fill|snapshots|changes",
            Description = "What letters and colours stand for; without it kind"
        };
        by.AcceptOnlyFromAmong("kind", "age", "fill", "snapshots", "changes");
        Option<string?> since = new("--since")
        {
            HelpName = "NAME",
            Description = "With --by changes: the snapshot before; without it the oldest one",
        };
        Option<string?> until = new("--until")
        {
            HelpName = "NAME",
            Description = "With --by changes: the snapshot after; without it the newest state",
        };
        Option<int?> width = new("--width")
        {
            HelpName = "N",
            Description = $"Columns; without it those of the terminal, or {DefaultWidth}"
        };
        Option<int?> rows = new("--rows") { HelpName = "N", Description = $"Rows at most; without it {DefaultRows}" };
        Option<string?> html = CommonSymbols.PathOption("--html", "OUT", "Write an HTML map to this file instead");
        Option<bool> force = new("--force") { Description = "Overwrite OUT" };
        var command = new Command(
            "pages",
            "Show a map of all pages, in the terminal or as HTML") { symbols.File, by, since, until, width, rows, html, force };
        symbols.AddOptionsTo(command, showsKeys: false);
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            int mostRows = parsed.GetValue(rows) ?? DefaultRows;
            int columns = parsed.GetValue(width)
                ?? (context.Output.IsTerminal ? context.Output.TerminalWidth : DefaultWidth);
            if (mostRows is < 1 or > 10_000 || columns is < 1 or > 10_000)
                throw new UsageException("--rows and --width take 1 to 10000");
            MapColoring coloring = parsed.GetValue(by) switch
            {
                "age" => MapColoring.Age,
                "fill" => MapColoring.Fill,
                "snapshots" => MapColoring.Snapshots,
                "changes" => MapColoring.Changes,
                _ => MapColoring.Kind
            };
            (string? older, string? newer) = (parsed.GetValue(since), parsed.GetValue(until));
            if (coloring != MapColoring.Changes && (older ?? newer) is not null)
                throw new UsageException("--since and --until are for --by changes");
            if (coloring is MapColoring.Snapshots or MapColoring.Changes
                && (parsed.GetValue(html) is not null || symbols.IsJson(parsed)))
                throw new UsageException("--by snapshots and --by changes are for the map in the terminal");
            using InspectedFile file =
                InspectedFile.Open(parsed.GetRequiredValue(symbols.File), symbols.IsWithoutLock(parsed), context);
            _ = file.RequireMeta();
            var damage = new DamageList();
            if (parsed.GetValue(html) is { } path)
            {
                RefuseTheDatabase(path, file);
                HtmlMap.Write(context, file, path, parsed.GetValue(force), damage);
            }
            else if (symbols.IsJson(parsed))
            {
                var extents = new ExtentSink(file);
                PageMapper.Run(
                    context, file, TreeList.Read(file, new DamageList(), context.Cancellation), extents, damage);
                extents.WriteJson(context.Output, damage);
            }
            else
            {
                (int cells, ulong perCell) = TerminalMap.Layout(file, columns, mostRows);
                PageStates? states = coloring is MapColoring.Snapshots or MapColoring.Changes
                    ? PageStates.Of(file, older, newer, context.Cancellation)
                    : null;
                var grid = new GridSink(file, perCell, states);
                PageMapper.Run(
                    context, file, TreeList.Read(file, new DamageList(), context.Cancellation), grid, damage);
                new TerminalMap(file, grid, coloring, cells).WriteTo(context.Output, symbols.Presentation(parsed));
            }

            return DamageReporting.Report(context, damage);
        });
        return command;
    }

    /// <summary>
    /// With --force a slip of the keyboard would cost the database, or the lock file that others rely on.
    /// </summary>
    private static void RefuseTheDatabase(string path, InspectedFile file)
    {
        if (!File.Exists(path))
            return;
        string target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        string database = File.ResolveLinkTarget(file.Path, returnFinalTarget: true)?.FullName
            ?? Path.GetFullPath(file.Path);
        if (target == database || target == database + "-lock")
            throw new UsageException($"'{path}' is the database, or its lock file: give another path with --html");
    }
}
