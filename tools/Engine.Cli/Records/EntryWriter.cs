using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>Writes entries as lines, in the form that was asked for.</summary>
internal sealed class EntryWriter : IDisposable
{
    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Output _output;
    private readonly EntryForm _form;
    private readonly Utf8JsonWriter? _json;

    public EntryWriter(Output output, EntryForm form, bool keysOnly = false)
    {
        _output = output;
        _form = form;
        KeysOnly = keysOnly;
        _json = form == EntryForm.Json ? new Utf8JsonWriter(output, JsonOptions) : null;
    }

    /// <summary>True if values are left out.</summary>
    public bool KeysOnly { get; }

    /// <summary>The tree that JSON objects name; null for none.</summary>
    public string? Tree { get; set; }

    /// <summary>A JSON object that only names the tree, so that one without entries is loaded as well.</summary>
    public void WriteTree()
    {
        if (_json is null || Tree is null)
            return;
        _json.WriteStartObject();
        _json.WriteString(JsonLinesReader.TreeName, Tree);
        EndJson(_json);
        _output.Write('\n');
    }

    public void WriteKey(ReadOnlySpan<byte> key) => Write(key, default);

    public void Write(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (_json is not null)
        {
            WriteJson(_json, key, value);
        }
        else
        {
            WriteField(_output, _form, key);
            if (!KeysOnly)
            {
                _output.Write('\t');
                WriteField(_output, _form, value);
            }
        }

        _output.Write('\n');
    }

    /// <summary>Writes a key or a value by itself; not for <see cref="EntryForm.Json"/>.</summary>
    public static void WriteField(Output output, EntryForm form, ReadOnlySpan<byte> bytes)
    {
        switch (form)
        {
            case EntryForm.Raw:
                WriteInPieces(output, bytes);
                break;
            case EntryForm.Hex:
                WriteHex(output, bytes);
                break;
            default:
                ReadableText.Write(output, bytes);
                break;
        }
    }

    public void Dispose() => _json?.Dispose();

    private void WriteJson(Utf8JsonWriter json, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        json.WriteStartObject();
        if (Tree is not null)
            json.WriteString(JsonLinesReader.TreeName, Tree);
        WriteProperty(json, JsonLinesReader.Key, key);
        if (!KeysOnly)
            WriteProperty(json, JsonLinesReader.Value, value);
        EndJson(json);
    }

    private static void EndJson(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        json.Flush();
        json.Reset();
    }

    private static void WriteProperty(Utf8JsonWriter json, string name, ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
            json.WriteString(name, bytes);
        else
            json.WriteBase64String(name + JsonLinesReader.Base64Suffix, bytes);
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

    /// <summary>A value may be 2 GiB long; the buffer of the output stays small.</summary>
    private static void WriteInPieces(Output output, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            Span<byte> target = output.GetSpan();
            int length = Math.Min(target.Length, bytes.Length);
            bytes[..length].CopyTo(target);
            output.Advance(length);
            bytes = bytes[length..];
        }
    }
}
