using Engine.Bench.Peers.Sqlite;
using Engine.Bench.Writers.Data;
using SQLitePCL;

namespace Engine.Bench.Writers.Peers.Sqlite;

/// <summary>A connection of one thread, with its prepared statements.</summary>
internal sealed class SqliteUpdater : IUpdater
{
    private readonly WriterData _data;
    private readonly SqliteConnection _connection;
    private readonly sqlite3_stmt _begin;
    private readonly sqlite3_stmt _commit;
    private readonly sqlite3_stmt _get;
    private readonly sqlite3_stmt _put;
    private readonly sqlite3_stmt _leave;
    private readonly sqlite3_stmt _enter;

    public SqliteUpdater(string path, WriterData data, int cacheKibibytes)
    {
        _data = data;
        _connection = new SqliteConnection(path);

        // Turns are not given out in order, so with many clients one may wait very long.
        _connection.Execute("PRAGMA busy_timeout=600000");
        _connection.Execute("PRAGMA synchronous=FULL");
        _connection.Execute($"PRAGMA cache_size=-{cacheKibibytes}");
        _begin = _connection.Prepare("BEGIN IMMEDIATE");
        _commit = _connection.Prepare("COMMIT");
        _get = _connection.Prepare("SELECT value FROM entries WHERE key = ?1");
        _put = _connection.Prepare("UPDATE entries SET value = ?2 WHERE key = ?1");
        _leave = _connection.Prepare("DELETE FROM board WHERE key = ?1");
        _enter = _connection.Prepare("INSERT INTO board (key) VALUES (?1)");
    }

    public void Apply(ReadOnlyMemory<Update> updates)
    {
        _connection.Run(_begin);
        try
        {
            foreach (Update update in updates.Span)
            {
                Make(update);
            }

            _connection.Run(_commit);
        }
        catch
        {
            _connection.Execute("ROLLBACK");
            throw;
        }
    }

    public void Dispose()
    {
        foreach (sqlite3_stmt statement in new[] { _begin, _commit, _get, _put, _leave, _enter })
        {
            statement.Dispose();
        }

        _connection.Dispose();
    }

    private void Make(Update update)
    {
        Span<byte> key = stackalloc byte[_data.KeyLength];
        Span<byte> value = stackalloc byte[_data.ValueLength];
        _data.WriteKey(update.Id, key);
        if (_data.HasBoard)
        {
            Move(update, key);
        }

        WriterData.WriteValue(update.Author, update.Version, value);
        raw.sqlite3_bind_blob(_put, 1, key);
        raw.sqlite3_bind_blob(_put, 2, value);
        RunForOne(_put, update.Id);
    }

    private void Move(Update update, ReadOnlySpan<byte> key)
    {
        Span<byte> boardKey = stackalloc byte[WriterData.BoardKeyLength];
        raw.sqlite3_bind_blob(_get, 1, key);
        if (!_connection.Step(_get))
        {
            throw new BenchException($"Player {update.Id} is not there.");
        }

        ReadOnlySpan<byte> stored = raw.sqlite3_column_blob(_get, 0);
        update.Version = WriterData.ReadVersion(stored) + 1;
        WriterData.WriteBoardKey(WriterData.ReadScore(stored), update.Id, boardKey);
        raw.sqlite3_reset(_get);

        raw.sqlite3_bind_blob(_leave, 1, boardKey);
        RunForOne(_leave, update.Id);
        WriterData.WriteBoardKey(update.Score, update.Id, boardKey);
        raw.sqlite3_bind_blob(_enter, 1, boardKey);
        RunForOne(_enter, update.Id);
    }

    private void RunForOne(sqlite3_stmt statement, long id)
    {
        _connection.Run(statement);
        if (_connection.Changes != 1)
        {
            throw new BenchException($"A row of player {id} is not there.");
        }
    }
}
