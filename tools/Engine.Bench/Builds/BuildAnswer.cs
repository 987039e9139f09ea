using Engine.Bench.Measuring;

namespace Engine.Bench.Builds;

/// <summary>What a build answers to a request to run a workload.</summary>
/// <param name="Sample">What it measured; null if it failed.</param>
/// <param name="Failure">What went wrong; null if nothing did.</param>
internal sealed record BuildAnswer(Sample? Sample, string? Failure);
