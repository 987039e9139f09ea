using System.Text.Json.Serialization;

namespace Engine.Bench.Measuring;

/// <summary>Whether a build is slower than another one.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VerdictKind>))]
internal enum VerdictKind
{
    /// <summary>So few runs show nothing.</summary>
    Undecided,

    /// <summary>No difference beyond the noise.</summary>
    Same,

    Slower,

    Faster,
}
