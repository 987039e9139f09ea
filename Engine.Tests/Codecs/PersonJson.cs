using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Engine.Tests.Codecs;

internal sealed record Person(string Name, int[] Years);

[JsonSerializable(typeof(Person))]
internal sealed partial class PersonJson : JsonSerializerContext
{
    public static readonly ValueCodec<Person> Codec = ValueCodec.Serialized("json", Write, Read);

    private static void Write(IBufferWriter<byte> writer, Person person)
    {
        using var json = new Utf8JsonWriter(writer);
        JsonSerializer.Serialize(json, person, Default.Person);
    }

    private static Person Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, Default.Person)!;
        }
        catch (JsonException e)
        {
            throw new InvalidEncodingException("The value is no JSON of a person.", e);
        }
    }
}
