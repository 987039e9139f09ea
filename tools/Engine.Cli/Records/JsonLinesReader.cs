using System.Text;
using System.Text.Json;
using Engine.Cli.Shared;
using Engine.Transactions;

namespace Engine.Cli.Records;

/// <summary>
/// One JSON object a line: <c>{"key":"…","value":…}</c>. A string stands for its UTF-8 bytes; any other value is kept
/// as the JSON text that it is. Bytes that are no UTF-8 come as <c>"keyBase64"</c> and <c>"valueBase64"</c>. A
/// <c>"tree"</c> names the tree, and by itself one that may have no entries; there may be <c>"counted"</c>,
/// <c>"multiValued"</c>, <c>"expiring"</c>, <c>"keySize"</c>, <c>"keyCodec"</c> and <c>"valueCodec"</c> beside it,
/// which say what the tree is. <c>"expires"</c> says when an entry does, <c>null</c> for never. Empty lines are
/// skipped.
/// </summary>
internal sealed class JsonLinesReader : RecordReader
{
    public const string Key = "key";
    public const string Value = "value";
    public const string TreeName = "tree";
    public const string Counted = "counted";
    public const string MultiValued = "multiValued";
    public const string Expiring = "expiring";
    public const string Expires = "expires";
    public const string KeySize = "keySize";
    public const string KeyCodec = "keyCodec";
    public const string ValueCodec = "valueCodec";
    public const string Base64Suffix = "Base64";

    /// <summary>
    /// A value is kept as the text that it is, however deep: nothing here goes down with it but a bit for each level.
    /// </summary>
    private static readonly JsonReaderOptions Options = new() { MaxDepth = int.MaxValue };

    private byte[] _treeBytes = [];
    private string? _treeText;
    private bool _hasTime;

    public JsonLinesReader(LineReader lines)
        : base(lines)
    {
    }

    public override bool HasTime => _hasTime;

    public override bool TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = value = default;
        while (Lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (!line.Trim(" \t"u8).IsEmpty && TryParseLine(line, out key, out value))
                return true;
        }

        return false;
    }

    private bool TryParseLine(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        try
        {
            return TryParse(line, out key, out value);
        }
        catch (JsonException exception)
        {
            if (LineNumber == 1 && MdbDumpHeader.IsStart(line))
                throw Malformed("not a JSON object: this is how a dump of LMDB begins (--format mdb)", exception);
            throw Malformed($"not a JSON object (at byte {exception.BytePositionInLine + 1} of the line)", exception);
        }
        catch (InvalidOperationException exception)
        {
            throw Malformed(
                "a string holds half of a surrogate pair or bytes that are no UTF-8: use \"keyBase64\" or "
                + "\"valueBase64\"",
                exception);
        }
    }

    /// <summary>False if the line holds no entry, but only names a tree.</summary>
    private bool TryParse(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = value = default;
        ReadOnlySpan<byte> tree = default;
        bool hasTree = false;
        bool hasKey = false;
        bool hasValue = false;
        TreeKind? kind = null;
        _hasTime = false;
        DateTimeOffset? time = null;
        var json = new Utf8JsonReader(line, Options);
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
            throw Malformed("not a JSON object: a line is {\"key\":\"…\",\"value\":…}");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isKey = json.ValueTextEquals(Key);
            if (isKey || json.ValueTextEquals(Key + Base64Suffix))
                SetOnce(ref key, ref hasKey, Key, isKey ? KeyText(ref json) : FromBase64(ref json));
            else if (json.ValueTextEquals(Value))
                SetOnce(ref value, ref hasValue, Value, AnyValue(ref json, line));
            else if (json.ValueTextEquals(Value + Base64Suffix))
                SetOnce(ref value, ref hasValue, Value, FromBase64(ref json));
            else if (json.ValueTextEquals(TreeName))
                SetOnce(ref tree, ref hasTree, TreeName, TreeText(ref json));
            else if (json.ValueTextEquals(Expires))
                (_hasTime, time) = (true, Time(ref json));
            else if (TryReadKind(ref json, ref kind))
                continue;
            else
                throw Malformed(
                    $"unknown property \"{json.GetString()}\": only \"key\" and \"value\" (or \"keyBase64\" and "
                    + $"\"valueBase64\") can be kept");
        }

        // Sees to it that nothing follows the object.
        json.Read();
        if (kind is not null && (hasKey || hasValue))
            throw Malformed("what a tree is stands in an object without \"key\" and \"value\", before its entries");
        Enter(tree, hasTree, kind);
        if ((hasTree || kind is not null) && !hasKey && !hasValue)
            return false;
        if (!hasKey || !hasValue)
            throw Malformed($"the object has no \"{(hasKey ? Value : Key)}\"");
        if (_hasTime)
            value = ExpiringTrees.Stored(time, value);
        return true;
    }

    /// <summary>Most lines name the tree of the line before, and need no new string.</summary>
    private void Enter(ReadOnlySpan<byte> tree, bool hasTree, TreeKind? kind)
    {
        if (!hasTree)
        {
            EnterTree(null, kind);
            return;
        }

        if (_treeText is null || !tree.SequenceEqual(_treeBytes))
        {
            _treeBytes = tree.ToArray();
            _treeText = Encoding.UTF8.GetString(tree);
        }

        EnterTree(_treeText, kind);
    }

    /// <summary>A property that says what a tree is; false if it is another one.</summary>
    private bool TryReadKind(ref Utf8JsonReader json, ref TreeKind? kind)
    {
        TreeKind known = kind ?? TreeKind.Plain;
        if (json.ValueTextEquals(Counted))
            kind = known with { Options = known.Options | Option(ref json, TreeOptions.Counted, Counted) };
        else if (json.ValueTextEquals(MultiValued))
            kind = known with { Options = known.Options | Option(ref json, TreeOptions.MultiValued, MultiValued) };
        else if (json.ValueTextEquals(Expiring))
            kind = known with { Expiry = IsTrue(ref json, Expiring) ? TreeForm.Expiring : TreeForm.Plain };
        else if (json.ValueTextEquals(KeySize))
            kind = known with { KeySize = Size(ref json) };
        else if (json.ValueTextEquals(KeyCodec))
            kind = known with { KeyCodec = Codec(ref json, KeyCodec) };
        else if (json.ValueTextEquals(ValueCodec))
            kind = known with { ValueCodec = Codec(ref json, ValueCodec) };
        else
            return false;
        return true;
    }

    private TreeOptions Option(ref Utf8JsonReader json, TreeOptions option, string name) =>
        IsTrue(ref json, name) ? option : TreeOptions.None;

    private bool IsTrue(ref Utf8JsonReader json, string name)
    {
        json.Read();
        return json.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            _ => throw Malformed($"\"{name}\" is true or false"),
        };
    }

    private DateTimeOffset? Time(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType == JsonTokenType.Null ? null
            : json.TokenType == JsonTokenType.String && json.TryGetDateTimeOffset(out DateTimeOffset time) ? time
            : throw Malformed($"\"{Expires}\" is no time like 2026-01-31T12:00:00.000Z, nor null for never");
    }

    private int Size(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType == JsonTokenType.Number && json.TryGetInt32(out int size)
            && size is >= 0 and <= ushort.MaxValue
            ? size
            : throw Malformed($"\"{KeySize}\" is no length of keys");
    }

    private string Codec(ref Utf8JsonReader json, string name)
    {
        json.Read();
        return json.TokenType == JsonTokenType.String && json.GetString() is { } codec && TreeKind.IsCodecName(codec)
            ? codec
            : throw Malformed($"\"{name}\" is no name of a codec");
    }

    private byte[] TreeText(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType == JsonTokenType.String && !json.ValueTextEquals("")
            ? StringBytes(ref json)
            : throw Malformed("\"tree\" is not the name of a tree");
    }

    private void SetOnce(ref ReadOnlySpan<byte> field, ref bool isSet, string name, ReadOnlySpan<byte> bytes)
    {
        if (isSet)
            throw Malformed($"the object has \"{name}\" twice");
        field = bytes;
        isSet = true;
    }

    private byte[] KeyText(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType == JsonTokenType.String
            ? StringBytes(ref json)
            : throw Malformed("\"key\" is not a string");
    }

    private static ReadOnlySpan<byte> AnyValue(scoped ref Utf8JsonReader json, ReadOnlySpan<byte> line)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.String)
            return StringBytes(ref json);
        int start = (int)json.TokenStartIndex;
        json.Skip();
        return line[start..(int)json.BytesConsumed];
    }

    private byte[] FromBase64(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType == JsonTokenType.String && json.TryGetBytesFromBase64(out byte[]? bytes)
            ? bytes
            : throw Malformed("a \"…Base64\" property is not a string in base64");
    }

    private static byte[] StringBytes(scoped ref Utf8JsonReader json)
    {
        byte[] bytes = new byte[json.ValueSpan.Length];
        return bytes.AsSpan(0, json.CopyString(bytes)).ToArray();
    }
}
