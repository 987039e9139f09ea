using Engine.Bench.Peers.Lmdb;
using LightningDB;

namespace Engine.Bench.Peers.Lightning;

/// <summary>
/// LMDB as a C# program gets it: LightningDB, which brings a native LMDB of its own. Where that cannot be loaded it
/// calls the one of the system, as the peer lmdb does directly.
/// </summary>
internal sealed class LightningPeer : IPeer
{
    public string Name => "lightningdb";

    public string Description =>
        $"LightningDB {PeerFiles.VersionOf(typeof(LightningEnvironment))}, with {NativeVersion()} "
        + $"from {LightningLibrary.File}";

    public string Settings =>
        "NoSubDir, NoThreadLocalStorage, no WriteMap; spans for keys and values, values read in place; default sync "
        + "for durable commits, transactions with NoSync without flush; own read transactions by Reset and Renew; bulk "
        + "loads by AppendData";

    public string? Unavailable => LightningLibrary.Failure is { } failure
        ? $"LMDB of the NuGet package LightningDB cannot be loaded here ({Reason(failure)}), and there is no "
            + $"{LmdbNative.Library} of the system either: install that (on Debian and Ubuntu: apt-get install "
            + "liblmdb0), or leave lightningdb out of --peers."
        : null;

    // A user of LightningDB has no way around the wrapper's cost: it belongs to the measurement.
    public CallCost? MeasureCallCost() => null;

    public IPeerDatabase Open(string directory, long? memoryLimit) =>
        new LightningPeerDatabase(directory, readAhead: memoryLimit is null);

    // An environment that is never opened knows it, and makes no file.
    private static string NativeVersion()
    {
        using LightningEnvironment unopened = new(Path.GetTempPath());
        return unopened.Version?.Version?.TrimEnd(':') ?? string.Empty;
    }

    // The loader's message lists every place it looked at; what matters is why it refused a file that is there.
    private static string Reason(string why)
    {
        string[] lines = why.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return (lines.FirstOrDefault(line => line.Contains("required by", StringComparison.Ordinal))
            ?? lines.FirstOrDefault()
            ?? "no reason given").TrimEnd('.');
    }
}
