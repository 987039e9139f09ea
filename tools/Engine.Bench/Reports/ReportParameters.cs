namespace Engine.Bench.Reports;

/// <summary>The options that decide what was measured.</summary>
internal sealed record ReportParameters(long Entries, int KeyLength, int ValueLength, int Runs, ulong Seed, string Batches);
