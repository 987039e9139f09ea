using System.CommandLine;
using Engine.Bench.Reports;
using Spectre.Console;

namespace Engine.Bench.Commands;

/// <summary>Where the report of a command goes: always to the console, and to files when asked.</summary>
internal sealed class ReportOptions
{
    private readonly Option<FileInfo?> _json = new("--json") { Description = "Write the report to this file as JSON." };
    private readonly Option<FileInfo?> _markdown =
        new("--markdown") { Description = "Write the report to this file as Markdown." };
    private readonly Option<DirectoryInfo?> _charts =
        new("--svg")
        {
            Description = "Write charts into this directory: bars for each table of ratios, or lines where something "
                + "grows.",
        };

    public void AddTo(Command command)
    {
        command.Add(_json);
        command.Add(_markdown);
        command.Add(_charts);
    }

    /// <param name="parsed">The command line.</param>
    /// <param name="report">What is written as JSON.</param>
    /// <param name="document">The same for people.</param>
    /// <param name="charts">What can be drawn of it.</param>
    public void Write<TReport>(
        ParseResult parsed, TReport report, ReportDocument document, IEnumerable<IChart> charts)
    {
        Show(document);
        WriteFile(parsed.GetValue(_json), file => JsonReport.Write(report, file));
        WriteFile(parsed.GetValue(_markdown), file =>
        {
            using StreamWriter writer = new(file);
            MarkdownReport.Write(document, writer);
        });
        if (parsed.GetValue(_charts) is { } directory)
        {
            directory.Create();
            foreach (IChart chart in charts)
            {
                using StreamWriter writer = new(Path.Combine(directory.FullName, chart.FileName));
                chart.Write(writer);
            }
        }
    }

    private static void Show(ReportDocument document)
    {
        if (Console.IsOutputRedirected)
        {
            TextWriterReport.Write(document, Console.Out);
        }
        else
        {
            ConsoleReport.Write(document, AnsiConsole.Console);
        }
    }

    private static void WriteFile(FileInfo? file, Action<Stream> write)
    {
        if (file is not null)
        {
            using FileStream stream = file.Create();
            write(stream);
        }
    }
}
