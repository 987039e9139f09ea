using System.Runtime.CompilerServices;
using SQLitePCL;

namespace Engine.Bench.Peers.Sqlite;

/// <summary>A connection and the few calls the workloads need, with errors as exceptions.</summary>
internal sealed class SqliteConnection : IDisposable
{
    private readonly sqlite3 _handle;

    public SqliteConnection(string path)
    {
        Check(raw.sqlite3_open(path, out _handle));
        // First: a connection that opens while another writes its log must wait, not fail.
        Execute("PRAGMA busy_timeout=60000");
        Execute("PRAGMA journal_mode=WAL");
        Execute("PRAGMA cache_size=-65536");
        Execute("PRAGMA mmap_size=2147418112");
    }

    public void Execute(string sql) => Check(raw.sqlite3_exec(_handle, sql));

    public sqlite3_stmt Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_handle, sql, out sqlite3_stmt statement));
        return statement;
    }

    /// <summary>Runs a statement without result rows and resets it.</summary>
    public void Run(sqlite3_stmt statement)
    {
        if (raw.sqlite3_step(statement) != raw.SQLITE_DONE)
        {
            Throw();
        }

        raw.sqlite3_reset(statement);
    }

    /// <summary>True for a row, false at the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Step(sqlite3_stmt statement)
    {
        int result = raw.sqlite3_step(statement);
        if (result == raw.SQLITE_ROW)
        {
            return true;
        }

        if (result != raw.SQLITE_DONE)
        {
            Throw();
        }

        return false;
    }

    public long QueryNumber(string sql)
    {
        using sqlite3_stmt statement = Prepare(sql);
        return Step(statement) ? raw.sqlite3_column_int64(statement, 0) : 0;
    }

    public long Changes => raw.sqlite3_changes(_handle);

    public void Dispose() => _handle.Dispose();

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            Throw();
        }
    }

    private void Throw() => throw new BenchException($"SQLite: {raw.sqlite3_errmsg(_handle).utf8_to_string()}");
}
