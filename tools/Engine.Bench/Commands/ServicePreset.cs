using Engine.Bench.Peers;
using Engine.Bench.Reports;

namespace Engine.Bench.Commands;

/// <summary><c>--preset service</c>: what a C# service would pick instead of this engine.</summary>
internal static class ServicePreset
{
    public const string Name = "service";

    /// <summary>Engines that come as NuGet packages.</summary>
    private static readonly string[] Peers = ["lightningdb", "rocksdb", "zonetree", "sqlite"];

    /// <summary>The workloads of <see cref="ServiceTable"/>.</summary>
    public static string Workloads => string.Join(',', ServiceTable.Workloads);

    /// <summary>Those that can run here; why others cannot is added to the reasons.</summary>
    public static IEnumerable<IPeer> Available(ICollection<string> reasons)
    {
        foreach (string name in Peers)
        {
            IPeer peer = PeerCatalog.Find(name)!;
            if (peer.Unavailable is { } reason)
            {
                reasons.Add($"n/a: {name}: {reason}");
            }
            else
            {
                yield return peer;
            }
        }
    }
}
