using Engine.Bench.Peers;

namespace Engine.Bench.Reports;

/// <summary>An engine in a comparison.</summary>
/// <param name="Name">Its column.</param>
/// <param name="Description">Product and version.</param>
/// <param name="Settings">How it was opened and called.</param>
/// <param name="CallCost">
/// What calling its native code costs per call; null if it has none or if that belongs to it.
/// </param>
internal sealed record ReportPeer(string Name, string Description, string Settings, CallCost? CallCost);
