using System.Runtime.CompilerServices;
using Engine.Bench.Data;
using SQLitePCL;

namespace Engine.Bench.Peers.Sqlite;

internal sealed partial class SqliteDatabase
{
    public void Put(
        in KeyStream keys, in ValueSource values, OperationRange range, int perTransaction, CommitKind commit)
    {
        Use(commit);
        byte[] value = values.GetBuffer();
        Span<byte> key = stackalloc byte[KeyStream.KeyLength];
        long position = range.Start;
        while (position < range.End)
        {
            long end = Math.Min(position + perTransaction, range.End);
            _connection.Run(_begin);
            for (; position < end; position++)
            {
                values.Write(keys.Write(position, key), value);
                raw.sqlite3_bind_blob(_put, 1, key);
                raw.sqlite3_bind_blob(_put, 2, value);
                _connection.Run(_put);
            }

            _connection.Run(_commit);
        }
    }

    public void Load(in KeyStream keys, in ValueSource values, OperationRange range, CommitKind commit) =>
        Put(keys, values, range, int.MaxValue, commit);

    public long DeleteRange(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, CommitKind commit)
    {
        Use(commit);
        raw.sqlite3_bind_blob(_deleteRange, 1, from);
        raw.sqlite3_bind_blob(_deleteRange, 2, to);
        _connection.Run(_deleteRange);
        return _connection.Changes;
    }

    public Digest Delete(in KeyStream keys, OperationRange range, int perTransaction, CommitKind commit)
    {
        Use(commit);
        Digest digest = default;
        Span<byte> key = stackalloc byte[KeyStream.KeyLength];
        long position = range.Start;
        while (position < range.End)
        {
            long end = Math.Min(position + perTransaction, range.End);
            _connection.Run(_begin);
            for (; position < end; position++)
            {
                keys.Write(position, key);
                raw.sqlite3_bind_blob(_delete, 1, key);
                _connection.Run(_delete);
                digest.AddAnswer(_connection.Changes == 1);
            }

            _connection.Run(_commit);
        }

        return digest;
    }

    public Digest Get(in KeyStream keys, OperationRange range)
    {
        _connection.Execute("BEGIN");
        try
        {
            return GetLoop(keys, range);
        }
        finally
        {
            _connection.Execute("COMMIT");
        }
    }

    public Digest GetMany(in KeyStream keys, OperationRange range) => Get(keys, range);

    // Without BEGIN each statement is a transaction of its own.
    public Digest GetInOwnTransactions(in KeyStream keys, OperationRange range) => GetLoop(keys, range);

    public Digest Scan(bool reverse)
    {
        Digest digest = default;
        ReadRows(reverse ? _backward : _forward, ref digest);
        return digest;
    }

    public Digest SeekAndNext(in KeyStream keys, OperationRange range, int following)
    {
        Digest digest = default;
        Span<byte> key = stackalloc byte[KeyStream.KeyLength];
        _connection.Execute("BEGIN");
        try
        {
            for (long position = range.Start; position < range.End; position++)
            {
                keys.Write(position, key);
                raw.sqlite3_bind_blob(_from, 1, key);
                raw.sqlite3_bind_int(_from, 2, following + 1);
                if (ReadRows(_from, ref digest) <= following)
                {
                    digest.AddMiss();
                }
            }
        }
        finally
        {
            _connection.Execute("COMMIT");
        }

        return digest;
    }

    private Digest GetLoop(in KeyStream keys, OperationRange range)
    {
        Digest digest = default;
        Span<byte> key = stackalloc byte[KeyStream.KeyLength];
        for (long position = range.Start; position < range.End; position++)
        {
            keys.Write(position, key);
            raw.sqlite3_bind_blob(_get, 1, key);
            if (_connection.Step(_get))
            {
                digest.Add(raw.sqlite3_column_blob(_get, 0));
            }
            else
            {
                digest.AddMiss();
            }

            raw.sqlite3_reset(_get);
        }

        return digest;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int ReadRows(sqlite3_stmt statement, ref Digest digest)
    {
        int rows = 0;
        while (_connection.Step(statement))
        {
            digest.Add(raw.sqlite3_column_blob(statement, 0), raw.sqlite3_column_blob(statement, 1));
            rows++;
        }

        raw.sqlite3_reset(statement);
        return rows;
    }
}
