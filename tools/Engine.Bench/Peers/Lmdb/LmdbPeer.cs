using System.Runtime.InteropServices;

namespace Engine.Bench.Peers.Lmdb;

/// <summary>LMDB in C, through the system's shared library.</summary>
internal sealed class LmdbPeer : IPeer
{
    public string Name => "lmdb";

    public unsafe string Description =>
        $"{Marshal.PtrToStringUTF8((nint)LmdbNative.Version(null, null, null))}, {LmdbNative.Library}";

    public string Settings =>
        "MDB_NOTLS, no MDB_WRITEMAP; default sync for durable commits, MDB_NOSYNC without flush; own read transactions "
        + "by mdb_txn_reset and mdb_txn_renew; mdb_get, mdb_cursor_get, reset and renew called without GC transition";

    public string? Unavailable => NativeLibrary.TryLoad(LmdbNative.Library, out _)
        ? null
        : $"{LmdbNative.Library} was not found: install LMDB (on Debian and Ubuntu: apt-get install liblmdb0), or "
            + $"leave lmdb out of --peers.";

    public CallCost? MeasureCallCost() => LmdbCallCost.Measure();

    public IPeerDatabase Open(string directory, long? memoryLimit) =>
        new LmdbDatabase(directory, readAhead: memoryLimit is null);
}
