using Engine.Bench.Measuring;

namespace Engine.Bench.Workloads;

/// <summary>What the threads of a mixed workload waited for.</summary>
/// <param name="Gets">Lookups, each with the begin and the end of its read transaction.</param>
/// <param name="Commits">Write transactions as a whole: begin, puts, commit.</param>
internal sealed record MixedLatencies(LatencyHistogram Gets, LatencyHistogram Commits);
