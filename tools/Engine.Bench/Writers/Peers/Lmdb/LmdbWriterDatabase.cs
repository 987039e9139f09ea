using Engine.Bench.Peers.Lmdb;
using Engine.Bench.Writers.Data;

namespace Engine.Bench.Writers.Peers.Lmdb;

/// <summary>An LMDB environment with a named database per tree.</summary>
internal sealed unsafe class LmdbWriterDatabase : IWriterDatabase
{
    // Address space only; the file grows as needed.
    private const ulong MapSize = 256UL << 30;

    private readonly WriterData _data;
    private readonly uint _entries;
    private readonly uint _board;
    private nint _environment;

    public LmdbWriterDatabase(string directory, WriterData data)
    {
        const uint Mode = 0b110_100_100;
        _data = data;
        ulong mapSize = MapSize;
        nint environment;
        LmdbNative.Check(LmdbNative.CreateEnvironment(&environment));
        _environment = environment;
        try
        {
            LmdbNative.Check(LmdbNative.SetMapSize(environment, (nuint)mapSize));
            LmdbNative.Check(LmdbNative.SetMaxDatabases(environment, 2));
            LmdbNative.Check(LmdbNative.OpenEnvironment(
                environment,
                Path.Combine(directory, "lmdb.mdb"),
                LmdbNative.NoSubdirectory | LmdbNative.NoThreadLocalStorage,
                Mode));
            nint transaction = Begin(0);
            _entries = OpenDatabase(transaction, "entries\0"u8);
            _board = OpenDatabase(transaction, "board\0"u8);
            LmdbNative.Check(LmdbNative.Commit(transaction));
        }
        catch
        {
            CloseEnvironment();
            throw;
        }
    }

    public string Form => "threads";

    public bool UsesTasks => false;

    public void Fill()
    {
        LmdbNative.Check(LmdbNative.SetEnvironmentFlags(_environment, LmdbNative.NoSync, 1));
        Span<byte> key = stackalloc byte[_data.KeyLength];
        Span<byte> value = stackalloc byte[_data.ValueLength];
        Span<byte> boardKey = stackalloc byte[WriterData.BoardKeyLength];
        long id = 0;
        while (id < _data.Entries)
        {
            long end = Math.Min(id + WriterData.PerFillTransaction, _data.Entries);
            nint transaction = Begin(0);
            for (; id < end; id++)
            {
                ulong author = Update.NobodyAt(id);
                _data.WriteKey(id, key);
                WriterData.WriteValue(author, 0, value);
                Put(transaction, _entries, key, value);
                if (_data.HasBoard)
                {
                    WriterData.WriteBoardKey(Update.ScoreOf(author), id, boardKey);
                    Put(transaction, _board, boardKey, []);
                }
            }

            LmdbNative.Check(LmdbNative.Commit(transaction));
        }

        LmdbNative.Check(LmdbNative.Sync(_environment, 1));
        LmdbNative.Check(LmdbNative.SetEnvironmentFlags(_environment, LmdbNative.NoSync, 0));
    }

    public IUpdater OpenUpdater() => new LmdbUpdater(this);

    public IAsyncUpdater OpenAsyncUpdater() => throw new NotSupportedException("LMDB blocks the thread.");

    /// <summary>Makes updates in a write transaction of the calling thread.</summary>
    public void Apply(ReadOnlyMemory<Update> updates)
    {
        nint transaction = Begin(0);
        try
        {
            foreach (Update update in updates.Span)
            {
                Make(transaction, update);
            }
        }
        catch
        {
            LmdbNative.Abort(transaction);
            throw;
        }

        LmdbNative.Check(LmdbNative.Commit(transaction));
    }

    public void Scan(WriterTree tree, EntryVisitor visit)
    {
        nint transaction = Begin(LmdbNative.ReadOnly);
        nint cursor;
        LmdbNative.Check(LmdbNative.OpenCursor(transaction, tree == WriterTree.Board ? _board : _entries, &cursor));
        try
        {
            LmdbValue key, value;
            int result = LmdbNative.CursorGetHot(cursor, &key, &value, LmdbCursorOperation.First);
            while (result == 0)
            {
                visit(key.Span, value.Span);
                result = LmdbNative.CursorGetHot(cursor, &key, &value, LmdbCursorOperation.Next);
            }

            LmdbNative.Check(result == LmdbNative.NotFound ? 0 : result);
        }
        finally
        {
            LmdbNative.CloseCursor(cursor);
            LmdbNative.Abort(transaction);
        }
    }

    public void Dispose() => CloseEnvironment();

    private void CloseEnvironment()
    {
        if (_environment != 0)
        {
            LmdbNative.CloseEnvironment(_environment);
            _environment = 0;
        }
    }

    private void Make(nint transaction, Update update)
    {
        Span<byte> key = stackalloc byte[_data.KeyLength];
        Span<byte> value = stackalloc byte[_data.ValueLength];
        _data.WriteKey(update.Id, key);
        if (_data.HasBoard)
        {
            Move(transaction, update, key);
        }

        WriterData.WriteValue(update.Author, update.Version, value);
        Put(transaction, _entries, key, value);
    }

    private void Move(nint transaction, Update update, ReadOnlySpan<byte> key)
    {
        Span<byte> boardKey = stackalloc byte[WriterData.BoardKeyLength];
        fixed (byte* keyBytes = key, boardBytes = boardKey)
        {
            LmdbValue player = new(keyBytes, (nuint)key.Length), stored;
            LmdbNative.Check(LmdbNative.GetHot(transaction, _entries, &player, &stored));

            // The stored bytes live until the transaction's next write.
            update.Version = WriterData.ReadVersion(stored.Span) + 1;
            WriterData.WriteBoardKey(WriterData.ReadScore(stored.Span), update.Id, boardKey);
            LmdbValue place = new(boardBytes, WriterData.BoardKeyLength);
            LmdbNative.Check(LmdbNative.Delete(transaction, _board, &place, null));
        }

        WriterData.WriteBoardKey(update.Score, update.Id, boardKey);
        Put(transaction, _board, boardKey, []);
    }

    private static void Put(nint transaction, uint database, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        fixed (byte* keyBytes = key, valueBytes = value)
        {
            LmdbValue nativeKey = new(keyBytes, (nuint)key.Length);
            LmdbValue nativeValue = new(valueBytes, (nuint)value.Length);
            LmdbNative.Check(LmdbNative.Put(transaction, database, &nativeKey, &nativeValue, 0));
        }
    }

    private nint Begin(uint flags)
    {
        nint transaction;
        LmdbNative.Check(LmdbNative.Begin(_environment, 0, flags, &transaction));
        return transaction;
    }

    private static uint OpenDatabase(nint transaction, ReadOnlySpan<byte> name)
    {
        uint database;
        fixed (byte* bytes = name)
        {
            LmdbNative.Check(LmdbNative.OpenDatabase(transaction, bytes, LmdbNative.Create, &database));
        }

        return database;
    }
}
