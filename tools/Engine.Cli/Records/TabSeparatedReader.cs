using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>Key, tab, value. The first tab separates; the value may hold more of them.</summary>
internal sealed class TabSeparatedReader : RecordReader
{
    private readonly bool _escaped;

    public TabSeparatedReader(LineReader lines, bool escaped)
        : base(lines) => _escaped = escaped;

    public override bool TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = value = default;
        if (!Lines.TryRead(out ReadOnlySpan<byte> line))
            return false;
        int tab = line.IndexOf((byte)'\t');
        if (tab < 0)
        {
            throw Malformed(LineNumber == 1 && MdbDumpHeader.IsStart(line)
                ? "there is no tab between key and value: this is how a dump of LMDB begins (--format mdb)"
                : "there is no tab between key and value");
        }

        key = Field(line[..tab]);
        value = Field(line[(tab + 1)..]);
        return true;
    }

    private ReadOnlySpan<byte> Field(ReadOnlySpan<byte> field)
    {
        if (!_escaped)
            return field;
        try
        {
            return Tokens.Parse(field);
        }
        catch (UsageException exception)
        {
            throw Malformed(exception.Message, exception);
        }
    }
}
