using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>The names of the formats, and which one a file has.</summary>
internal static class RecordFormats
{
    public static readonly string[] Names = ["tsv", "escaped", "jsonl", "mdb"];

    /// <summary>
    /// The format that was asked for, or else the one that the file's extension stands for; nothing if the input must
    /// tell.
    /// </summary>
    public static RecordFormat? Choose(string? name, string input) => FromName(name) ?? FromExtension(input);

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
    /// <param name="format">The format; null if the first line tells.</param>
    /// <param name="input">The lines.</param>
    /// <param name="name">What messages call the input.</param>
    /// <param name="duplicates">What becomes of several values of one key, where the format can hold them.</param>
    /// <param name="warn">Is told what is not taken over; nothing if nobody listens.</param>
    /// <exception cref="UsageException">The input is something else than lines of text, or nothing tells its
    /// format.</exception>
    public static RecordReader Open(
        RecordFormat? format, Stream input, string name, DuplicatePolicy duplicates = DuplicatePolicy.Keep,
            Action<string>? warn = null)
    {
        var lines = new LineReader(input);
        ReadOnlySpan<byte> start = lines.Peek(InputSignature.Length);
        if (InputSignature.Find(start) is { } signature)
            throw new UsageException($"{name} is {signature.Is}: {signature.Advice}");
        return (format ?? FromFirstLine(start, name)) switch
        {
            RecordFormat.JsonLines => new JsonLinesReader(lines),
            RecordFormat.MdbDump => new MdbDumpReader(lines, duplicates, warn),
            var separated => new TabSeparatedReader(lines, escaped: separated == RecordFormat.Escaped),
        };
    }

    /// <summary>Only a dump of LMDB says what it is.</summary>
    private static RecordFormat FromFirstLine(ReadOnlySpan<byte> start, string name) => MdbDumpHeader.IsStart(start)
        ? RecordFormat.MdbDump
        : throw new UsageException(
            $"cannot tell the format of {name}: give --format {string.Join(", ", Names[..^1])} or {Names[^1]}");

    private static RecordFormat? FromExtension(string input) => Path.GetExtension(input).ToLowerInvariant() switch
    {
        ".tsv" or ".tab" => RecordFormat.TabSeparated,
        ".jsonl" or ".ndjson" => RecordFormat.JsonLines,
        ".dump" => RecordFormat.MdbDump,
        _ => null,
    };
}
