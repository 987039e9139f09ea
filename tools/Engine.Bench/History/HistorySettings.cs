using Engine.Bench.Workloads;

namespace Engine.Bench.History;

/// <summary>How much is measured.</summary>
/// <param name="Scale">The data.</param>
/// <param name="Rounds">How often both sides of a row are measured.</param>
/// <param name="LoadRounds">How often the writers are.</param>
/// <param name="Load">How long the writers write each time.</param>
internal sealed record HistorySettings(Scale Scale, int Rounds, int LoadRounds, TimeSpan Load);
