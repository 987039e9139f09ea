using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Engine.Cli.Records;

namespace Engine.Cli.Shared;

/// <summary>One JSON document on standard output, in which text stays readable.</summary>
internal static class JsonReport
{
    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write(Output output, Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(new ReadableJson(output), Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        output.WriteLine();
    }

    /// <summary>An array with an object for each item, in which the item's fields are written.</summary>
    public static void WriteObjects<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> writeFields)
    {
        json.WriteStartArray(name);
        foreach (T item in items)
        {
            json.WriteStartObject();
            writeFields(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>
    /// A key or a value: as a string if it is UTF-8, otherwise as base 64 under the name with "Base64" behind it.
    /// </summary>
    public static void WriteBytes(Utf8JsonWriter json, string name, ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
            json.WriteString(name, bytes);
        else
            json.WriteBase64String(name + JsonLinesReader.Base64Suffix, bytes);
    }
}
