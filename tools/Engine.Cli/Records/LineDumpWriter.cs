using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>
/// One line an entry. Plain tab-separated lines cannot hold everything: what they cannot ends the dump with an error.
/// </summary>
internal sealed class LineDumpWriter : DumpWriter
{
    private readonly EntryWriter _writer;
    private readonly bool _isRaw;
    private bool _isFirst = true;
    private bool _isExpiring;

    public LineDumpWriter(Output output, RecordFormat format)
    {
        _isRaw = format == RecordFormat.TabSeparated;
        _writer = new EntryWriter(output, format switch
        {
            RecordFormat.JsonLines => EntryForm.Json,
            RecordFormat.TabSeparated when !output.IsTerminal => EntryForm.Raw,
            _ => EntryForm.Readable,
        });
    }

    /// <summary>Whether the lines name the tree, so that several trees can be told apart.</summary>
    public bool NamesTrees { get; init; }

    public override long LongLines => _writer.LongLines;

    public override void BeginTree(string name, TreeKind kind, long entries)
    {
        _isExpiring = kind.IsExpiring;
        _writer.Expires = null;
        if (_isExpiring && _writer.Form != EntryForm.Json)
            throw new UsageException(
                $"the entries of '{TreeNames.Label(name)}' expire, and a line with a tab has no room for the time: use "
                + "--format jsonl or mdb");
        _writer.Tree = NamesTrees && name.Length > 0 ? name : null;
        _writer.WriteTree(kind);
    }

    public override void Write(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (_isRaw && FindProblem(key, value) is { } problem)
        {
            throw new UsageException(
                $"the entry '{ReadableText.Format(key)}' cannot be a plain line ({problem}): use --format escaped, "
                + "jsonl or mdb");
        }

        _isFirst = false;
        if (_isExpiring)
        {
            var entry = new ExpiringEntry(new Entry(key, value));
            _writer.Expires = ExpiringTrees.Text(entry.ExpiresAt);
            value = entry.Value;
        }

        _writer.Write(key, value);
    }

    private string? FindProblem(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (key.Contains((byte)'\t'))
            return "a tab in the key";
        if (key.Contains((byte)'\n') || value.Contains((byte)'\n'))
            return "a line feed";
        if (value is [.., (byte)'\r'])
            return "a carriage return at the end";

        // What load would not read as what it is.
        if (!_isFirst)
            return null;
        Span<byte> start = stackalloc byte[InputSignature.Length];
        int length = CopyStart(key, value, start);
        return key.StartsWith("\uFEFF"u8) || InputSignature.Find(start[..length]) is not null
            ? "the file would begin like something else"
            : null;
    }

    /// <summary>The first bytes of the line.</summary>
    private static int CopyStart(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, Span<byte> start)
    {
        ReadOnlySpan<byte> end = "\n"u8;
        int length = Append(key, start);
        length += Append("\t"u8, start[length..]);
        length += Append(value, start[length..]);
        return length + Append(end, start[length..]);

        static int Append(ReadOnlySpan<byte> bytes, Span<byte> target)
        {
            int copied = Math.Min(bytes.Length, target.Length);
            bytes[..copied].CopyTo(target);
            return copied;
        }
    }

    public override void EndTree()
    {
    }
}
