using System.Text.Json;
using System.Text.Json.Serialization;

namespace Engine.Bench.Processes;

/// <summary>What processes of this program tell one another: an object per line.</summary>
internal static class LineJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static string Write<TValue>(TValue value) => JsonSerializer.Serialize(value, Options);

    /// <exception cref="BenchException">It is something else.</exception>
    public static TValue Read<TValue>(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<TValue>(line, Options)
                ?? throw new BenchException($"A process of the benchmark answered \"{line}\".");
        }
        catch (JsonException failure)
        {
            throw new BenchException($"A process of the benchmark answered \"{line}\": {failure.Message}");
        }
    }
}
