using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>The names of the formats, and which one a file has.</summary>
internal static class RecordFormats
{
    public static readonly string[] Names = ["tsv", "escaped", "jsonl"];

    /// <summary>The format that was asked for, or else the one that the file's extension stands for.</summary>
    public static RecordFormat Choose(string? name, string input) => name switch
    {
        "tsv" => RecordFormat.TabSeparated,
        "escaped" => RecordFormat.Escaped,
        "jsonl" => RecordFormat.JsonLines,
        _ => FromExtension(input),
    };

    public static RecordReader Open(RecordFormat format, Stream input)
    {
        var lines = new LineReader(input);
        return format switch
        {
            RecordFormat.JsonLines => new JsonLinesReader(lines),
            _ => new TabSeparatedReader(lines, escaped: format == RecordFormat.Escaped),
        };
    }

    private static RecordFormat FromExtension(string input) => Path.GetExtension(input).ToLowerInvariant() switch
    {
        ".tsv" or ".tab" => RecordFormat.TabSeparated,
        ".jsonl" or ".ndjson" => RecordFormat.JsonLines,
        _ => throw new UsageException(
            $"cannot tell the format of {(input == "-" ? "standard input" : $"'{input}'")}: give --format {string.Join(", ", Names[..^1])} or {Names[^1]}"),
    };
}
