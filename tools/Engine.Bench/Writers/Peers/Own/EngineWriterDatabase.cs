using Engine.Bench.Writers.Data;

namespace Engine.Bench.Writers.Peers.Own;

/// <summary>A database of this engine, used through its public API.</summary>
internal sealed class EngineWriterDatabase : IWriterDatabase
{
    private readonly Database _database;
    private readonly WriterData _data;
    private readonly EngineForm _form;
    private readonly Tree _entries;
    private readonly Tree _board;

    public EngineWriterDatabase(string directory, WriterData data, EngineForm form)
    {
        _data = data;
        _form = form;
        _database = Database.Open(Path.Combine(directory, "engine.db"));
        _entries = _database.GetTree("entries");
        _board = _database.GetTree("board");
    }

    public string Form => _form switch
    {
        EngineForm.Begin => "begin",
        EngineForm.Write => "write",
        _ => "async",
    };

    public bool UsesTasks => _form == EngineForm.Async;

    public void Fill()
    {
        Span<byte> key = stackalloc byte[_data.KeyLength];
        Span<byte> value = stackalloc byte[_data.ValueLength];
        Span<byte> boardKey = stackalloc byte[WriterData.BoardKeyLength];
        long id = 0;
        while (id < _data.Entries)
        {
            long end = Math.Min(id + WriterData.PerFillTransaction, _data.Entries);
            using WriteTransaction transaction = _database.BeginWrite();
            transaction.CreateTree(_entries.Name);
            transaction.CreateTree(_board.Name, _data.IsRanked ? TreeOptions.Counted : TreeOptions.None);
            for (; id < end; id++)
            {
                ulong author = Update.NobodyAt(id);
                _data.WriteKey(id, key);
                WriterData.WriteValue(author, 0, value);
                transaction[_entries].Put(key, value);
                if (_data.HasBoard)
                {
                    WriterData.WriteBoardKey(Update.ScoreOf(author), id, boardKey);
                    transaction[_board].Put(boardKey, []);
                }
            }

            transaction.Commit(CommitMode.Deferred);
        }

        _database.Flush();
    }

    public IUpdater OpenUpdater() => new EngineUpdater(_database, this, _form == EngineForm.Begin);

    public IAsyncUpdater OpenAsyncUpdater() => new EngineAsyncUpdater(_database, this);

    public IRanker? OpenRanker() => _data.IsRanked ? new EngineRanker(_database, _data, _entries, _board) : null;

    public void Scan(WriterTree tree, EntryVisitor visit)
    {
        using ReadTransaction read = _database.BeginRead();
        foreach ((ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) in
            read[tree == WriterTree.Board ? _board : _entries].All())
        {
            visit(key, value);
        }
    }

    public void Dispose() => _database.Dispose();

    /// <summary>Makes an update in a transaction.</summary>
    public void Make(WriteTransaction transaction, Update update)
    {
        Span<byte> key = stackalloc byte[_data.KeyLength];
        Span<byte> value = stackalloc byte[_data.ValueLength];
        _data.WriteKey(update.Id, key);
        if (_data.HasBoard)
        {
            Move(transaction, update, key, value);
        }

        WriterData.WriteValue(update.Author, update.Version, value);
        transaction[_entries].Put(key, value);
    }

    private void Move(WriteTransaction transaction, Update update, ReadOnlySpan<byte> key, Span<byte> value)
    {
        Span<byte> boardKey = stackalloc byte[WriterData.BoardKeyLength];
        if (transaction[_entries].TryGet(key, value, out _) != GetResult.Found)
        {
            throw new BenchException($"Player {update.Id} is not there.");
        }

        update.Version = WriterData.ReadVersion(value) + 1;
        TreeWriter board = transaction[_board];
        WriterData.WriteBoardKey(WriterData.ReadScore(value), update.Id, boardKey);
        if (!board.Delete(boardKey))
        {
            throw new BenchException($"Player {update.Id} is not on the board with the score it has.");
        }

        WriterData.WriteBoardKey(update.Score, update.Id, boardKey);
        board.Put(boardKey, []);
    }
}
