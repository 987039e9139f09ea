using Engine.Cli.Shared;

namespace Engine.Cli.Shell;

/// <summary>The replies of the line protocol (docs/cli.md): scripts lean on every byte of them.</summary>
internal sealed class ProtocolReplies(Output output) : ShellReplies
{
    private const string HelpLine =
        "help put KEY VALUE | del KEY [VALUE] | get KEY | scan [FROM [TO]] | count [FROM [TO]] | count-key KEY | "
        + "rank KEY [VALUE] | at INDEX | begin | commit | abort | check | help | quit (\\hh is a byte, \"\" is empty)";

    /// <summary>A program gives and gets the same bytes.</summary>
    public override bool ShowsTypes => false;

    public override int ScanLimit => int.MaxValue;

    public override void Ok() => output.WriteLine("ok");

    public override void Absent() => output.WriteLine("absent");

    public override void Value(ReadOnlySpan<byte> value)
    {
        output.Write("value ");
        Tokens.Write(output, value);
        output.WriteLine();
    }

    public override void EndValues(long count) => output.WriteLine($"end {count}");

    public override void Number(string what, long number) => output.WriteLine($"{what} {number}");

    public override void Committed(ulong transaction) => output.WriteLine($"committed {transaction}");

    public override void Entry(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        WriteKey(key);
        output.Write(' ');
        Tokens.Write(output, value);
        output.WriteLine();
    }

    public override void At(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        output.Write("entry ");
        Tokens.Write(output, key);
        output.Write(' ');
        Tokens.Write(output, value);
        output.WriteLine();
    }

    public override void EndScan(long count, bool hasMore) => output.WriteLine($"end {count}");

    public override void Checked(string? damage) =>
        output.WriteLine(damage is null ? "ok" : "corrupt " + ErrorReporting.OneLine(damage));

    public override void Help() => output.WriteLine(HelpLine);

    public override void Error(string message) => output.WriteLine("error " + ErrorReporting.OneLine(message));

    /// <summary>
    /// A key that reads like the first word of the last line would end the reply too early: its first byte is escaped.
    /// </summary>
    private void WriteKey(ReadOnlySpan<byte> key)
    {
        if (key.SequenceEqual("end"u8) || key.SequenceEqual("error"u8))
        {
            Tokens.WriteEscaped(output, key[0]);
            key = key[1..];
        }

        Tokens.Write(output, key);
    }
}
