using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>One line an entry. Plain tab-separated lines cannot hold everything: what they cannot ends the dump with an error.</summary>
internal sealed class LineDumpWriter : DumpWriter
{
    private readonly EntryWriter _writer;
    private readonly bool _isRaw;
    private bool _isFirst = true;

    public LineDumpWriter(Output output, RecordFormat format)
    {
        _isRaw = format == RecordFormat.TabSeparated;
        _writer = new EntryWriter(output, format switch
        {
            RecordFormat.JsonLines => EntryForm.Json,
            RecordFormat.TabSeparated => EntryForm.Raw,
            _ => EntryForm.Readable,
        });
    }

    /// <summary>Whether the lines name the tree, so that several trees can be told apart.</summary>
    public bool NamesTrees { get; init; }

    public override void BeginTree(string name)
    {
        _writer.Tree = NamesTrees && name.Length > 0 ? name : null;
        _writer.WriteTree();
    }

    public override void Write(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (_isRaw && (key.ContainsAny((byte)'\t', (byte)'\n') || value.Contains((byte)'\n') || value is [.., (byte)'\r'] || (_isFirst && key.StartsWith("\uFEFF"u8))))
        {
            throw new UsageException(
                $"the entry '{ReadableText.Format(key)}' cannot be a plain line (a tab in the key, a line feed, or a carriage return at the end): use --format escaped, jsonl or mdb");
        }

        _isFirst = false;
        _writer.Write(key, value);
    }

    public override void EndTree()
    {
    }

    public override void Dispose() => _writer.Dispose();
}
