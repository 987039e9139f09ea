using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>The names of the formats, and which one a file has.</summary>
internal static class RecordFormats
{
    public static readonly string[] Names = ["tsv", "escaped", "jsonl", "mdb"];

    /// <summary>The format that was asked for, or else the one that the file's extension stands for.</summary>
    public static RecordFormat Choose(string? name, string input) => FromName(name) ?? FromExtension(input);

    /// <summary>The format of this name, or nothing.</summary>
    public static RecordFormat? FromName(string? name) => name switch
    {
        "tsv" => RecordFormat.TabSeparated,
        "escaped" => RecordFormat.Escaped,
        "jsonl" => RecordFormat.JsonLines,
        "mdb" => RecordFormat.MdbDump,
        _ => null,
    };

    /// <summary>Begins to read.</summary>
    /// <param name="format">The format.</param>
    /// <param name="input">The lines.</param>
    /// <param name="duplicates">What becomes of several values of one key, where the format can hold them.</param>
    /// <param name="warn">Is told what is not taken over; nothing if nobody listens.</param>
    public static RecordReader Open(
        RecordFormat format, Stream input, DuplicatePolicy duplicates = DuplicatePolicy.Fail, Action<string>? warn = null)
    {
        var lines = new LineReader(input);
        return format switch
        {
            RecordFormat.JsonLines => new JsonLinesReader(lines),
            RecordFormat.MdbDump => new MdbDumpReader(lines, duplicates, warn),
            _ => new TabSeparatedReader(lines, escaped: format == RecordFormat.Escaped),
        };
    }

    private static RecordFormat FromExtension(string input) => Path.GetExtension(input).ToLowerInvariant() switch
    {
        ".tsv" or ".tab" => RecordFormat.TabSeparated,
        ".jsonl" or ".ndjson" => RecordFormat.JsonLines,
        ".dump" => RecordFormat.MdbDump,
        _ => throw new UsageException(
            $"cannot tell the format of {(input == "-" ? "standard input" : $"'{input}'")}: give --format {string.Join(", ", Names[..^1])} or {Names[^1]}"),
    };
}
