using SQLitePCL;

namespace Engine.Bench.Peers.Sqlite;

/// <summary>SQLite as a C# service would use it: a WITHOUT ROWID table, prepared statements, write-ahead log.</summary>
internal sealed class SqlitePeer : IPeer
{
    public SqlitePeer() => Batteries_V2.Init();

    public string Name => "sqlite";

    public string Description => $"SQLite {raw.sqlite3_libversion().utf8_to_string()}, SQLitePCLRaw";

    public string Settings =>
        "WITHOUT ROWID, prepared statements, journal_mode=WAL, cache 64 MiB, mmap 2 GiB; synchronous=FULL for durable "
        + "commits, OFF without flush";

    public string? Unavailable => null;

    // A user of SQLite in C# has no way around the wrapper's cost: it belongs to the measurement.
    public CallCost? MeasureCallCost() => null;

    public IPeerDatabase Open(string directory, long? memoryLimit) => new SqliteDatabase(directory);
}
