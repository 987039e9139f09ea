using Engine.Bench.Data;
using SQLitePCL;

namespace Engine.Bench.Peers.Sqlite;

/// <summary>One table of keys and values. Life cycle here; loops in the other parts.</summary>
internal sealed partial class SqliteDatabase : IPeerDatabase
{
    private readonly string _path;
    private readonly SqliteConnection _connection;
    private readonly sqlite3_stmt _begin;
    private readonly sqlite3_stmt _commit;
    private readonly sqlite3_stmt _get;
    private readonly sqlite3_stmt _put;
    private readonly sqlite3_stmt _delete;
    private readonly sqlite3_stmt _deleteRange;
    private readonly sqlite3_stmt _forward;
    private readonly sqlite3_stmt _backward;
    private readonly sqlite3_stmt _from;
    private CommitKind _kind = CommitKind.Durable;

    public SqliteDatabase(string directory)
    {
        _path = Path.Combine(directory, "sqlite.db");
        _connection = new SqliteConnection(_path);
        _connection.Execute("PRAGMA synchronous=FULL");
        _connection.Execute(
            "CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID");
        _begin = _connection.Prepare("BEGIN IMMEDIATE");
        _commit = _connection.Prepare("COMMIT");
        _get = _connection.Prepare("SELECT value FROM entries WHERE key = ?1");
        _put = _connection.Prepare(
            "INSERT INTO entries (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value");
        _delete = _connection.Prepare("DELETE FROM entries WHERE key = ?1");
        _deleteRange = _connection.Prepare("DELETE FROM entries WHERE key >= ?1 AND key < ?2");
        _forward = _connection.Prepare("SELECT key, value FROM entries ORDER BY key");
        _backward = _connection.Prepare("SELECT key, value FROM entries ORDER BY key DESC");
        _from = _connection.Prepare("SELECT key, value FROM entries WHERE key >= ?1 ORDER BY key LIMIT ?2");
    }

    public CallCount Calls => default;

    public IDisposable Park()
    {
        SqliteConnection reader = new(_path);
        reader.Execute("BEGIN");

        // The snapshot is taken by the first read, not by BEGIN.
        reader.QueryNumber("SELECT length(key) FROM entries LIMIT 1");
        return reader;
    }

    public IPeerReader OpenReader() => new SqliteReader(_path);

    public void Flush()
    {
        _connection.Execute("PRAGMA synchronous=FULL");
        _connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        _kind = CommitKind.Durable;
    }

    public PeerSizes GetSizes()
    {
        long pages = _connection.QueryNumber("PRAGMA page_count") - _connection.QueryNumber("PRAGMA freelist_count");
        FileInfo log = new(_path + "-wal");
        long file = new FileInfo(_path).Length + (log.Exists ? log.Length : 0);
        return new PeerSizes(file, pages * _connection.QueryNumber("PRAGMA page_size"));
    }

    public void Dispose()
    {
        foreach (sqlite3_stmt statement in new[]
        {
            _begin, _commit, _get, _put, _delete, _deleteRange, _forward, _backward, _from
        })
        {
            statement.Dispose();
        }

        _connection.Dispose();
    }

    private void Use(CommitKind kind)
    {
        if (kind != _kind)
        {
            _connection.Execute(kind == CommitKind.Durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=OFF");
            _kind = kind;
        }
    }
}
