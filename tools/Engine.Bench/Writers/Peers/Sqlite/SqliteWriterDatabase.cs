using Engine.Bench.Peers.Sqlite;
using Engine.Bench.Writers.Data;
using SQLitePCL;

namespace Engine.Bench.Writers.Peers.Sqlite;

/// <summary>A table per tree.</summary>
internal sealed class SqliteWriterDatabase : IWriterDatabase
{
    private const int CacheKibibytes = 64 * 1024;
    private const int LeastCacheKibibytes = 2 * 1024;

    private readonly string _path;
    private readonly WriterData _data;
    private readonly SqliteConnection _connection;
    private readonly int _cacheKibibytes;

    public SqliteWriterDatabase(string directory, WriterData data, int clients)
    {
        _path = Path.Combine(directory, "sqlite.db");
        _data = data;
        _cacheKibibytes = Math.Max(CacheKibibytes / clients, LeastCacheKibibytes);
        _connection = new SqliteConnection(_path);
        _connection.Execute(
            "CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID");
        _connection.Execute("CREATE TABLE IF NOT EXISTS board (key BLOB PRIMARY KEY) WITHOUT ROWID");
    }

    public string Form => "threads";

    public bool UsesTasks => false;

    public void Fill()
    {
        byte[] key = new byte[_data.KeyLength], value = new byte[_data.ValueLength];
        byte[] boardKey = new byte[WriterData.BoardKeyLength];
        using sqlite3_stmt put = _connection.Prepare("INSERT INTO entries (key, value) VALUES (?1, ?2)");
        using sqlite3_stmt place = _connection.Prepare("INSERT INTO board (key) VALUES (?1)");
        _connection.Execute("PRAGMA synchronous=OFF");
        long id = 0;
        while (id < _data.Entries)
        {
            long end = Math.Min(id + WriterData.PerFillTransaction, _data.Entries);
            _connection.Execute("BEGIN");
            for (; id < end; id++)
            {
                ulong author = Update.NobodyAt(id);
                _data.WriteKey(id, key);
                WriterData.WriteValue(author, 0, value);
                raw.sqlite3_bind_blob(put, 1, key);
                raw.sqlite3_bind_blob(put, 2, value);
                _connection.Run(put);
                if (_data.HasBoard)
                {
                    WriterData.WriteBoardKey(Update.ScoreOf(author), id, boardKey);
                    raw.sqlite3_bind_blob(place, 1, boardKey);
                    _connection.Run(place);
                }
            }

            _connection.Execute("COMMIT");
        }

        _connection.Execute("PRAGMA synchronous=FULL");
        _connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    public IUpdater OpenUpdater() => new SqliteUpdater(_path, _data, _cacheKibibytes);

    public IAsyncUpdater OpenAsyncUpdater() => throw new NotSupportedException("SQLite blocks the thread.");

    public void Scan(WriterTree tree, EntryVisitor visit)
    {
        bool isBoard = tree == WriterTree.Board;
        using sqlite3_stmt rows =
            _connection.Prepare(isBoard ? "SELECT key FROM board" : "SELECT key, value FROM entries");
        while (_connection.Step(rows))
        {
            visit(raw.sqlite3_column_blob(rows, 0), isBoard ? [] : raw.sqlite3_column_blob(rows, 1));
        }
    }

    public void Dispose() => _connection.Dispose();
}
