using System.Text;
using Engine.Cli.Shared;
using Spectre.Console.Rendering;

namespace Engine.Cli.Shell;

/// <summary>Replies for people: text where it is text, a table for a scan, long values cut.</summary>
internal sealed class TerminalReplies(Output output, bool showsTypes = true) : ShellReplies
{
    private const int RowsAtOnce = 40;
    private const int LongestValue = 4096;

    /// <summary>What the lines of a table with two columns need for themselves.</summary>
    private const int TableLines = 7;

    private TextTable? _scan;

    public override bool ShowsTypes => showsTypes;

    public override int ScanLimit => RowsAtOnce;

    public override void Ok() => output.WriteLine("ok");

    public override void Absent() => output.WriteLine("absent");

    public override void Value(ReadOnlySpan<byte> value)
    {
        if (Text?.Value(value) is { } shown)
        {
            output.WriteLine(shown);
            return;
        }

        bool isCut = value.Length > LongestValue;
        output.WriteLine(ReadableText.Format(isCut ? value[..LongestValue] : value));
        if (isCut)
            output.WriteLine($"... ({Human.Count(value.Length)} bytes; engine get FILE KEY --raw writes all of them)");
    }

    public override void EndValues(long count)
    {
        if (count == 0)
            Absent();
        else
            output.WriteLine(Human.Count(count, "value", "values"));
    }

    public override void Number(string what, long number) =>
        output.WriteLine(what == "count" ? Human.Count(number, "entry", "entries") : Human.Count(number));

    public override void Committed(ulong transaction) => output.WriteLine($"committed transaction {transaction}");

    public override void Entry(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        _scan ??= new TextTable(null, "key", "value");
        int width = Math.Max(output.TerminalWidth, 40) - TableLines;
        string shownKey = Text?.Key(key) is { } typedKey ? Cut(typedKey, width / 2) : Cut(key, width / 2);
        int left = Math.Max(width - Math.Max(new Segment(shownKey).CellCount(), width / 3), 10);
        _scan.Add(shownKey, Text?.Value(value) is { } typedValue ? Cut(typedValue, left) : Cut(value, left));
    }

    public override void At(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Entry(key, value);
        _scan?.WriteTo(output);
        _scan = null;
    }

    public override void EndScan(long count, bool hasMore)
    {
        _scan?.WriteTo(output);
        _scan = null;
        output.WriteLine(
            hasMore
                ? $"{Human.Count(count, "entry", "entries")}; 'more' shows the next ones"
                : Human.Count(count, "entry", "entries"));
    }

    public override void Checked(string? damage) =>
        output.WriteLine(damage is null ? "ok: every page is sound" : "damaged: " + ErrorReporting.OneLine(damage));

    public override void Help()
    {
        var table = new TextTable(null, "", "");
        table.Add("get KEY", "the value, or all of a multi-valued tree");
        table.Add("put KEY VALUE", "insert or overwrite; in a multi-valued tree add a pair");
        table.Add("del KEY [VALUE]", "delete; in a multi-valued tree all values of the key, or one");
        table.Add("scan [FROM [TO]]", "entries in order; FROM is included, TO is not");
        table.Add("more", "the next entries of the scan");
        table.Add("count [FROM [TO]]", "how many entries the tree has, or the range");
        table.Add("count-key KEY", "how many values the key has");
        table.Add("rank KEY [VALUE]", "how many keys, or pairs, are smaller, in a counted tree");
        table.Add("at INDEX", "the entry that so many others come before, in a counted tree");
        table.Add("trees", "the trees of the database");
        table.Add("stat", "the file, its pages, its trees, and what commits have cost in this session");
        table.Add("use [TREE]", "work on this tree; without a name on the default tree");
        table.Add(
            "begin, commit, abort",
            "several changes as one transaction; without begin each is its own, and durable at once");
        table.Add("check", "look at every page");
        table.Add("quit", "or Ctrl-D");
        table.WriteTo(output);
        output.WriteLine(
            "A key or value is one word: \\20 is a blank, \\hh any byte, \\5c a backslash, \"\" the empty string.");
    }

    public override void Error(string message) => output.WriteLine("error: " + ErrorReporting.OneLine(message));

    /// <summary>As much of the readable form as fits into so many columns; some characters take two.</summary>
    private static string Cut(ReadOnlySpan<byte> bytes, int columns)
    {
        // A column shows at most four bytes: no more of a long value is looked at than can be shown.
        return Cut(ReadableText.Format(bytes.Length > 4 * columns ? bytes[..(4 * columns)] : bytes), columns);
    }

    private static string Cut(string text, int columns)
    {
        int used = 0;
        int end = 0;
        int fitting = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            used += new Segment(rune.ToString()).CellCount();
            if (used > columns)
                return text[..fitting] + "…";
            end += rune.Utf16SequenceLength;
            if (used < columns)
                fitting = end;
        }

        return text;
    }
}
