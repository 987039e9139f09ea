using Engine.Bench.Writers.Data;

namespace Engine.Bench.Writers.Peers.Batched;

/// <summary>A database that only one thread writes to, for all clients.</summary>
internal sealed class BatchedDatabase(IWriterDatabase database, bool usesTasks) : IWriterDatabase
{
    private readonly Lazy<BatchWriter> _writer = new(() => new BatchWriter(database.OpenUpdater()));

    public string Form => usesTasks ? "tasks" : "threads";

    public bool UsesTasks => usesTasks;

    public void Fill() => database.Fill();

    public IUpdater OpenUpdater() => new BatchedUpdater(_writer.Value);

    public IAsyncUpdater OpenAsyncUpdater() => new BatchedAsyncUpdater(_writer.Value);

    public IRanker? OpenRanker() => database.OpenRanker();

    public void Scan(WriterTree tree, EntryVisitor visit) => database.Scan(tree, visit);

    public void Dispose()
    {
        if (_writer.IsValueCreated)
        {
            _writer.Value.Dispose();
        }

        database.Dispose();
    }
}
