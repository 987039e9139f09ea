using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>
/// Writes entries as lines, in the form that was asked for. Keys and values of any length go out in pieces.
/// </summary>
internal sealed class EntryWriter
{
    private readonly Output _output;

    public EntryWriter(Output output, EntryForm form, bool keysOnly = false)
    {
        _output = output;
        Form = form;
        KeysOnly = keysOnly;
    }

    /// <summary>How entries are written.</summary>
    public EntryForm Form { get; }

    /// <summary>True if values are left out.</summary>
    public bool KeysOnly { get; }

    /// <summary>How typed keys and values are shown; null to write them as bytes. Not for JSON.</summary>
    public TreeText? Text { get; set; }

    /// <summary>The tree that JSON objects name; null for none.</summary>
    public string? Tree { get; set; }

    /// <summary>
    /// When the entry that is written next expires (<see cref="ExpiringTrees.Text"/>); null where entries do not.
    /// </summary>
    public string? Expires { get; set; }

    /// <summary>Lines that are longer than what load reads back.</summary>
    public long LongLines { get; private set; }

    /// <summary>
    /// A JSON object that only names the tree, so that one without entries is loaded as well, and says what it is, if
    /// it is something special.
    /// </summary>
    public void WriteTree(TreeKind kind)
    {
        if (Form != EntryForm.Json || (Tree is null && kind == TreeKind.Plain))
            return;
        _output.Write('{');
        bool isFirst = true;
        if (Tree is not null)
        {
            WriteTreeName(Tree);
            isFirst = false;
        }

        if (kind.IsCounted)
            WriteMember(JsonLinesReader.Counted, "true");
        if (kind.IsMultiValued)
            WriteMember(JsonLinesReader.MultiValued, "true");
        if (kind.IsExpiring)
            WriteMember(JsonLinesReader.Expiring, "true");
        if (kind.KeySize > 0)
            WriteMember(JsonLinesReader.KeySize, kind.KeySize.ToString(CultureInfo.InvariantCulture));
        if (kind.KeyCodec is not null && TreeKind.IsCodecName(kind.KeyCodec))
            WriteMember(JsonLinesReader.KeyCodec, null, kind.KeyCodec);
        if (kind.ValueCodec is not null && TreeKind.IsCodecName(kind.ValueCodec))
            WriteMember(JsonLinesReader.ValueCodec, null, kind.ValueCodec);
        _output.WriteUnchanged("}\n"u8);

        void WriteMember(string name, string? json, string text = "")
        {
            if (!isFirst)
                _output.Write(',');
            isFirst = false;
            WriteName(name);
            if (json is not null)
                _output.Write(json);
            else
                JsonText.WriteString(_output, Encoding.ASCII.GetBytes(text));
        }
    }

    /// <summary>Writes a value by itself, without a line feed; not for <see cref="EntryForm.Json"/>.</summary>
    public void WriteValue(ReadOnlySpan<byte> value)
    {
        if (Text?.Value(value) is { } shown)
            _output.Write(shown);
        else
            WriteField(_output, Form, value);
    }

    public void WriteKey(ReadOnlySpan<byte> key) => Write(key, default);

    public void Write(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        long start = _output.Position;
        if (Form == EntryForm.Json)
        {
            WriteJson(key, value);
        }
        else
        {
            if (Text?.Key(key) is { } shown)
                _output.Write(shown);
            else
                WriteField(_output, Form, key);
            if (!KeysOnly)
            {
                _output.Write('\t');
                WriteValue(value);
                if (Expires is not null)
                {
                    _output.Write('\t');
                    _output.Write(Expires);
                }
            }
        }

        _output.Write('\n');
        if (_output.Position - start > LineReader.LongestLine)
            LongLines++;
    }

    /// <summary>Says so where load could not read something back.</summary>
    public static void WarnOfLongLines(CommandContext context, long lines)
    {
        if (lines == 0)
            return;
        context.Output.Flush();
        ErrorReporting.Write(
            context.Error,
            $"warning: {Human.Count(lines, "line is", "lines are")} longer than "
            + $"{Human.Count((long)LineReader.LongestLine)} bytes, and load reads no longer ones: engine copy "
            + $"--compact moves such values");
    }

    /// <summary>Writes a key or a value by itself; not for <see cref="EntryForm.Json"/>.</summary>
    public static void WriteField(Output output, EntryForm form, ReadOnlySpan<byte> bytes)
    {
        switch (form)
        {
            case EntryForm.Raw:
                output.WriteUnchanged(bytes);
                break;
            case EntryForm.Hex:
                WriteHex(output, bytes);
                break;
            default:
                ReadableText.Write(output, bytes);
                break;
        }
    }

    private void WriteJson(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        _output.Write('{');
        if (Tree is not null)
        {
            WriteTreeName(Tree);
            _output.Write(',');
        }

        WriteProperty(JsonLinesReader.Key, key);
        if (!KeysOnly)
        {
            _output.Write(',');
            WriteProperty(JsonLinesReader.Value, value);
            if (Expires is not null)
            {
                _output.Write(',');
                WriteName(JsonLinesReader.Expires);
                _output.Write(Expires == ExpiringTrees.Never ? "null" : $"\"{Expires}\"");
            }
        }

        _output.Write('}');
    }

    private void WriteTreeName(string tree)
    {
        WriteName(JsonLinesReader.TreeName);
        JsonText.WriteString(_output, Encoding.UTF8.GetBytes(tree));
    }

    private void WriteProperty(string name, ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            WriteName(name);
            JsonText.WriteString(_output, bytes);
        }
        else
        {
            WriteName(name + JsonLinesReader.Base64Suffix);
            JsonText.WriteBase64(_output, bytes);
        }
    }

    /// <summary>The name of a property, in which nothing is to be escaped.</summary>
    private void WriteName(string name)
    {
        _output.Write('"');
        _output.Write(name);
        _output.WriteUnchanged("\":"u8);
    }

    private static void WriteHex(Output output, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> piece = bytes[..Math.Min(bytes.Length, 8192)];
            Convert.TryToHexStringLower(piece, output.GetSpan(piece.Length * 2), out int written);
            output.Advance(written);
            bytes = bytes[piece.Length..];
        }
    }
}
