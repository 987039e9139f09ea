using Engine.Bench.Data;
using Engine.Bench.Measuring;
using Engine.Bench.Observing;
using Engine.Bench.Peers;
using Engine.Bench.Peers.Lmdb;
using Engine.Bench.Peers.Own;
using Engine.Bench.Workloads;
using Engine.Pages;
using Engine.Storage;

namespace Engine.Bench.Costs;

/// <summary>
/// Overwrites random entries of a filled tree, in transactions of different sizes, and counts what is written. The
/// engine's commits are durable ones, with flushes counted and not done; LMDB's are not flushed, which changes nothing
/// in what it writes.
/// </summary>
internal sealed class CostMeasurement(string directory, Scale scale, bool withLmdb, Action<string> progress)
{
    /// <summary>Overwrites per transaction, and how many such transactions are measured.</summary>
    private static readonly (int Batch, int Transactions)[] Batches =
        [(1, 2000), (10, 1000), (100, 300), (1000, 50), (10_000, 10)];

    public int PageSize { get; private set; }

    public IReadOnlyList<CostRow> Run()
    {
        List<CostRow> rows = MeasureEngine();
        return withLmdb ? MeasureLmdb(rows) : rows;
    }

    private List<CostRow> MeasureEngine()
    {
        WriteCounts counts = new();
        string path = Path.Combine(directory, "cost.db");
        progress($"filling {scale.Entries:N0} entries");
        using EngineDatabase database = new(path, new ObservedStorage(new FileStorage(path), counts));
        Fill(database);
        PageSize = database.PageSize;
        List<CostRow> rows = [];
        foreach ((int batch, int transactions) in Batches)
        {
            progress($"{scale.Entries:N0} entries, {batch:N0} per transaction");
            IReadOnlyList<long> levels = database.CountLevels();
            counts.Clear();
            Overwrite(database, batch, transactions, CommitKind.Durable);
            rows.Add(new CostRow
            {
                Entries = scale.Entries,
                Levels = levels,
                Batch = batch,
                Transactions = transactions,
                ExpectedPages = CostFormula.ExpectedPages(levels, batch) + 1,
                Pages = ((double)counts.PageBytes / PageSize + (double)counts.MetaBytes / PageLayout.BlockSize)
                    / transactions,
                Bytes = (double)(counts.PageBytes + counts.MetaBytes) / transactions,
                WriteCalls = (double)counts.Calls / transactions,
                Flushes = (double)counts.Flushes / transactions,
                LmdbBytes = null,
                LmdbWriteCalls = null,
            });
        }

        return rows;
    }

    private List<CostRow> MeasureLmdb(List<CostRow> rows)
    {
        progress($"filling {scale.Entries:N0} entries into LMDB");
        using LmdbDatabase database = new(directory, readAhead: true);
        Fill(database);
        List<CostRow> measured = [];
        foreach (CostRow row in rows)
        {
            IoCount before = IoCount.Now();
            Overwrite(database, row.Batch, row.Transactions, CommitKind.NoFlush);
            IoCount io = IoCount.Now() - before;
            measured.Add(row with
            {
                LmdbBytes = (double)io.WrittenBytes / row.Transactions,
                LmdbWriteCalls = (double)io.WriteCalls / row.Transactions,
            });
        }

        return measured;
    }

    private void Fill(IPeerDatabase database)
    {
        database.Put(
            scale.FillKeys,
            scale.Values(0),
            new OperationRange(0, scale.Entries),
            scale.PerTransaction(1000),
            CommitKind.NoFlush);
        database.Flush();
    }

    private void Overwrite(IPeerDatabase database, int batch, int transactions, CommitKind commit) => database.Put(
        scale.StoredKeys((ulong)batch),
        scale.Values((ulong)batch),
        new OperationRange(0, (long)batch * transactions),
        batch,
        commit);
}
