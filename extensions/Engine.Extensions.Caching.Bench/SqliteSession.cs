using Microsoft.Data.Sqlite;

namespace Engine.Extensions.Caching.Bench;

/// <summary>A connection with its statements, for one caller at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _get;
    private readonly SqliteCommand _set;
    private readonly SqliteCommand _renew;
    private readonly SqliteCommand _remove;

    public SqliteSession(string connectionString)
    {
        _connection = new SqliteConnection(connectionString);
        _connection.Open();
        using (var pragma = _connection.CreateCommand())
        {
            pragma.CommandText = "PRAGMA synchronous = NORMAL;";
            pragma.ExecuteNonQuery();
        }

        _get = Prepare(
            "SELECT value, window FROM cache WHERE key = $key AND (ends IS NULL OR ends > $now)", "$key", "$now");
        _set = Prepare(
            """
            INSERT INTO cache (key, value, ends, window, absolute) VALUES ($key, $value, $ends, $window, $absolute)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value, ends = excluded.ends, window = excluded.window,
                absolute = excluded.absolute
            """,
            "$key",
            "$value",
            "$ends",
            "$window",
            "$absolute");
        _renew = Prepare(
            """
            UPDATE cache SET ends = min($now + window, coalesce(absolute, 9223372036854775807))
            WHERE key = $key AND window IS NOT NULL AND ends > $now
            """,
            "$key",
            "$now");
        _remove = Prepare("DELETE FROM cache WHERE key = $key", "$key");
    }

    public byte[]? Get(string key, long now, out bool isSliding)
    {
        Bind(_get, key, now);
        using var reader = _get.ExecuteReader();
        if (!reader.Read())
        {
            isSliding = false;
            return null;
        }

        isSliding = !reader.IsDBNull(1);
        return reader.GetFieldValue<byte[]>(0);
    }

    public void Set(string key, byte[] value, long? ends, long? window, long? absolute) =>
        Execute(_set, key, value, ends, window, absolute);

    public void Renew(string key, long now) => Execute(_renew, key, now);

    public void Remove(string key) => Execute(_remove, key);

    public void Dispose()
    {
        _get.Dispose();
        _set.Dispose();
        _renew.Dispose();
        _remove.Dispose();
        _connection.Dispose();
    }

    private static void Execute(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        Bind(command, values);
        command.ExecuteNonQuery();
    }

    private static void Bind(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
    }

    private SqliteCommand Prepare(string text, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = text;
        foreach (var name in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        }

        return command;
    }
}
