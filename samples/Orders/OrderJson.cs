using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Engine;

namespace Orders;

/// <summary>JSON of what is sent and of what is stored, by code that is generated at compile time.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true)]
[JsonSerializable(typeof(NewOrder))]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(OrderPage))]
[JsonSerializable(typeof(StatusChange))]
[JsonSerializable(typeof(Summary))]
internal sealed partial class OrderJson : JsonSerializerContext
{
    /// <summary>The name is in the file: it stays as long as the bytes do.</summary>
    public static readonly ValueCodec<Order> Codec = ValueCodec.Serialized("order-json", Write, Read);

    private static void Write(IBufferWriter<byte> target, Order order)
    {
        using var json = new Utf8JsonWriter(target);
        JsonSerializer.Serialize(json, order, Default.Order);
    }

    private static Order Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, Default.Order)
                ?? throw new InvalidEncodingException("The value is null and no order.");
        }
        catch (JsonException e)
        {
            throw new InvalidEncodingException("The value is no JSON of an order.", e);
        }
    }
}
