using System.Text.Json;
using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>
/// One JSON object a line: <c>{"key":"…","value":…}</c>. A string stands for its UTF-8 bytes; any other value is kept as
/// the JSON text that it is. Bytes that are no UTF-8 come as <c>"keyBase64"</c> and <c>"valueBase64"</c>. Empty lines are skipped.
/// </summary>
internal sealed class JsonLinesReader : RecordReader
{
    public const string Key = "key";
    public const string Value = "value";
    public const string Base64Suffix = "Base64";

    public JsonLinesReader(LineReader lines)
        : base(lines)
    {
    }

    public override bool TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = value = default;
        ReadOnlySpan<byte> line;
        do
        {
            if (!Lines.TryRead(out line))
                return false;
        }
        while (line.Trim(" \t"u8).IsEmpty);

        try
        {
            Parse(line, out key, out value);
            return true;
        }
        catch (JsonException exception)
        {
            throw Malformed($"not a JSON object (at byte {exception.BytePositionInLine + 1} of the line)", exception);
        }
        catch (InvalidOperationException exception)
        {
            throw Malformed("a string holds half of a surrogate pair or bytes that are no UTF-8: use \"keyBase64\" or \"valueBase64\"", exception);
        }
    }

    private void Parse(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = value = default;
        bool hasKey = false;
        bool hasValue = false;
        var json = new Utf8JsonReader(line);
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
            else
                throw Malformed($"unknown property \"{json.GetString()}\": only \"key\" and \"value\" (or \"keyBase64\" and \"valueBase64\") can be kept");
        }

        // Sees to it that nothing follows the object.
        json.Read();
        if (!hasKey || !hasValue)
            throw Malformed($"the object has no \"{(hasKey ? Value : Key)}\"");
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
        return json.TokenType == JsonTokenType.String ? StringBytes(ref json) : throw Malformed("\"key\" is not a string");
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
