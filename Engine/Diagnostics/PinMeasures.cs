namespace Engine.Diagnostics;

/// <summary>What readers pin, in numbers.</summary>
/// <param name="Count">How many slots are taken, by all processes.</param>
/// <param name="OldestTransactions">By how many ids the oldest pinned state is older than the newest one.</param>
/// <param name="OldestSeconds">For how long it has not been the newest one.</param>
/// <param name="OldestPages">Pages that it keeps; null if that is not known.</param>
/// <param name="LargestPages">Pages that the state keeps which keeps the most; null if that is not known.</param>
/// <param name="LargestHolder">Who pins that; null if nobody keeps any.</param>
internal readonly record struct PinMeasures(
    int Count,
    long OldestTransactions,
    double OldestSeconds,
    long? OldestPages,
    long? LargestPages,
    string? LargestHolder);
