using System.Diagnostics;
using LightningDB;

namespace Engine.Bench.Peers.Lightning;

/// <summary>
/// LMDB as a C# program gets it: LightningDB, which brings a native LMDB of its own beside the one of the system that
/// the peer lmdb calls directly.
/// </summary>
internal sealed class LightningPeer : IPeer
{
    public string Name => "lightningdb";

    public string Description =>
        $"LightningDB {PeerFiles.VersionOf(typeof(LightningEnvironment))}, with {NativeVersion()} from {NativeFile()}";

    public string Settings =>
        "NoSubDir, NoThreadLocalStorage, no WriteMap; spans for keys and values, values read in place; default sync "
        + "for durable commits, transactions with NoSync without flush; own read transactions by Reset and Renew; bulk "
        + "loads by AppendData";

    public string? Unavailable
    {
        get
        {
            try
            {
                return NativeVersion().Length > 0 ? null : NotThere("it has no version");
            }
            catch (Exception failure) when (failure is DllNotFoundException or TypeInitializationException)
            {
                return NotThere((failure.InnerException ?? failure).Message);
            }
        }
    }

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

    // The runtime tries the package's file first, and then what the system's loader finds.
    private static string NativeFile()
    {
        using Process process = Process.GetCurrentProcess();
        return process.Modules.Cast<ProcessModule>().FirstOrDefault(module => module.ModuleName is
            "liblmdb.so" or "lmdb.dll" or "liblmdb.dylib" or "lmdb.dylib")?.FileName ?? "the package";
    }

    private static string NotThere(string why) =>
        $"LMDB of the NuGet package LightningDB cannot be loaded here ({Reason(why)}). Compile it from the source that "
        + "the package brings (gcc -O2 -shared -fPIC -pthread mdb.c midl.c -o liblmdb.so, in its directory wasm) and "
        + "name its directory in LD_LIBRARY_PATH, or leave lightningdb out of --peers.";

    // The loader's message lists every place it looked at; what matters is why it refused a file that is there.
    private static string Reason(string why)
    {
        string[] lines = why.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return (lines.FirstOrDefault(line => line.Contains("required by", StringComparison.Ordinal))
            ?? lines.FirstOrDefault()
            ?? "no reason given").TrimEnd('.');
    }
}
