using Engine.Bench.Measuring;

namespace Engine.Bench.Reports;

/// <summary>How many times faster the first peer is than another; above 1 means faster.</summary>
/// <param name="Peer">The other peer.</param>
/// <param name="Time">By wall-clock time.</param>
/// <param name="NativeTime">By wall-clock time less what the calls into native code cost.</param>
/// <param name="CpuTime">By processor time.</param>
internal sealed record ReportRatio(string Peer, Statistic Time, Statistic NativeTime, Statistic CpuTime);
