namespace Engine.Bench.Reports;

/// <summary>The options that decide what was measured.</summary>
/// <param name="Entries">Entries in the filled tree.</param>
/// <param name="KeyLength">Bytes of each key.</param>
/// <param name="ValueLength">Bytes of each value.</param>
/// <param name="Runs">Timed runs of each workload on each peer.</param>
/// <param name="Seed">Decides keys, values and order.</param>
/// <param name="Batches">How fills, deletes and large overwrites committed.</param>
/// <param name="Readers">Reader threads of the mixed workloads.</param>
/// <param name="MaxPuts">Puts per transaction are at most so many, whatever a workload's title says.</param>
/// <param name="MemoryLimit">Bytes that the process and its page cache may take; null without a limit.</param>
/// <param name="OperationLimit">
/// Random operations on a filled tree are at most so many per run; null without a limit.
/// </param>
/// <param name="HasVariedValues">Whether values differ in all their bytes, so that nobody can compress them.</param>
internal sealed record ReportParameters(
    long Entries,
    int KeyLength,
    int ValueLength,
    int Runs,
    ulong Seed,
    string Batches,
    int Readers,
    int MaxPuts,
    long? MemoryLimit,
    long? OperationLimit,
    bool HasVariedValues);
