using Engine.Bench.Data;
using SQLitePCL;

namespace Engine.Bench.Peers.Sqlite;

/// <summary>
/// A connection of one thread, with its prepared statement. Without BEGIN each statement is a transaction of its own.
/// </summary>
internal sealed class SqliteReader : IPeerReader
{
    private readonly SqliteConnection _connection;
    private readonly sqlite3_stmt _get;

    public SqliteReader(string path)
    {
        _connection = new SqliteConnection(path);
        _connection.Execute("PRAGMA busy_timeout=10000");
        _get = _connection.Prepare("SELECT value FROM entries WHERE key = ?1");
    }

    public bool Get(ReadOnlySpan<byte> key)
    {
        raw.sqlite3_bind_blob(_get, 1, key);
        bool found = _connection.Step(_get) && ValueSource.IsWhole(raw.sqlite3_column_blob(_get, 0));
        raw.sqlite3_reset(_get);
        return found;
    }

    public void Dispose()
    {
        _get.Dispose();
        _connection.Dispose();
    }
}
