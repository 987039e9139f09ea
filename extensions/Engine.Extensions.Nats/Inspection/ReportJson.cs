using System.Text.Json.Serialization;

namespace Engine.Extensions.Nats.Inspection;

/// <summary>How reports are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(NodeReport))]
[JsonSerializable(typeof(DigestReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
