using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>
/// Loads records into trees, in transactions of many. A failure leaves what was committed before it. Unless the size of
/// the transactions was asked for, a transaction in which keys do not ascend goes on to the end of the tree's records:
/// only what is sorted together gets full pages.
/// </summary>
internal sealed class Loader
{
    /// <summary>The entries of a transaction whose size was not asked for.</summary>
    public const int DefaultBatch = 10_000;

    /// <summary>
    /// A transaction also ends when its entries are this long together: large values are no reason to lose more than
    /// that.
    /// </summary>
    private const long BatchBytes = 32L * 1024 * 1024;

    private readonly Database _database;
    private readonly string? _tree;
    private readonly int? _batchEntries;
    private readonly BulkLoadOptions _options;
    private readonly CancellationToken _cancellation;

    private string? _namedInInput;
    private long _entries;
    private long _committedEntries;
    private long _committedLine;

    /// <param name="database">Where the entries go.</param>
    /// <param name="tree">
    /// The tree for all of them; null for the one that the input names, or else the default tree.
    /// </param>
    /// <param name="batchEntries">
    /// The entries of a transaction; null for the default, which is only an upper limit while the keys ascend.
    /// </param>
    /// <param name="options">How to sort.</param>
    /// <param name="cancellation">Ends the work.</param>
    public Loader(
        Database database, string? tree, int? batchEntries, BulkLoadOptions options, CancellationToken cancellation)
    {
        _database = database;
        _tree = string.IsNullOrEmpty(tree) ? null : tree;
        _batchEntries = batchEntries;
        _options = options;
        _cancellation = cancellation;
    }

    /// <summary>Loads everything.</summary>
    /// <param name="records">The records.</param>
    /// <param name="name">The input's name, for messages.</param>
    /// <param name="progress">Told the entries and the bytes of the input that are done.</param>
    /// <returns>The number of records.</returns>
    /// <exception cref="StoppedHalfwayException">A line is malformed, or the database refused an entry.</exception>
    public long Load(RecordReader records, string name, ProgressUpdate progress)
    {
        try
        {
            while (LoadBatch(records, progress))
            {
                _committedEntries = _entries;
                _committedLine = records.LineNumber;
                _cancellation.ThrowIfCancellationRequested();
            }

            return _entries;
        }
        catch (OperationCanceledException exception)
        {
            throw new InterruptedException($"interrupted; {Kept()}", exception);
        }
        catch (MalformedRecordException exception)
        {
            throw new StoppedHalfwayException(
                $"{name}, line {Human.Count(exception.LineNumber)}: {exception.Message}; {Kept()}: mend the line and "
                + "load again",
                exception);
        }
        catch (Exception exception) when (exception is not OutputClosedException)
        {
            throw new StoppedHalfwayException(
                $"{name}, line {Human.Count(records.LineNumber)}: "
                + $"{ErrorReporting.Describe(exception).Message.TrimEnd('.')}; {Kept()}",
                exception);
        }
    }

    /// <summary>Loads one transaction; false when there is nothing left to load.</summary>
    private bool LoadBatch(RecordReader records, ProgressUpdate progress)
    {
        using WriteTransaction transaction = _database.BeginWrite();
        BulkLoader? loader = null;
        try
        {
            string? treeName = null;
            int count = 0;
            long bytes = 0;
            while (!IsComplete(loader, count, bytes)
                && records.TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
            {
                string? wanted = _tree ?? records.Tree;
                if (loader is null || wanted != treeName)
                {
                    // One tree at a time: the memory of a sort is needed once, however many trees take turns.
                    Complete(loader, records, progress);
                    OpenNamed(transaction, records);
                    loader = transaction[Open(transaction, wanted)].BeginLoad(_options);
                    treeName = wanted;
                }

                if (_tree is not null)
                    CheckOnlyTree(records);
                loader.Add(key, value);
                count++;
                bytes += key.Length + value.Length;
                if ((++_entries & 0xFF) == 0)
                    Report(records, progress);
            }

            Complete(loader, records, progress);
            if (OpenNamed(transaction, records) || count > 0)
                transaction.Commit();
            return count > 0;
        }
        finally
        {
            loader?.Dispose();
        }
    }

    private bool IsComplete(BulkLoader? loader, int count, long bytes) =>
        (_batchEntries is not null || loader is not { IsSorting: true })
        && (count >= (_batchEntries ?? DefaultBatch) || bytes >= BatchBytes);

    private void Complete(BulkLoader? loader, RecordReader records, ProgressUpdate progress)
    {
        loader?.Complete(() => Report(records, progress));
        loader?.Dispose();
    }

    private void Report(RecordReader records, ProgressUpdate progress)
    {
        _cancellation.ThrowIfCancellationRequested();
        progress(_entries, records.BytesConsumed);
    }

    /// <summary>Trees without entries are kept as well.</summary>
    /// <returns>Whether the input has named any since the last time.</returns>
    private bool OpenNamed(WriteTransaction transaction, RecordReader records)
    {
        bool isNew = false;
        while (records.TryTakeNamed(out string? named))
        {
            Open(transaction, _tree ?? named);
            isNew = true;
        }

        return isNew;
    }

    private Tree Open(WriteTransaction transaction, string? name) =>
        name is null ? _database.Main : transaction.CreateTree(name);

    /// <summary>Entries of several trees would overwrite each other in the one that was asked for.</summary>
    private void CheckOnlyTree(RecordReader records)
    {
        string named = records.Tree ?? "";
        _namedInInput ??= named;
        if (_namedInInput != named)
            throw new MalformedRecordException(
                records.LineNumber, "the input holds several trees: leave out --tree, which puts all entries into one");
    }

    private string Kept() => _committedEntries == 0
        ? "nothing was loaded"
        : $"the {Human.Count(_committedEntries, "entry", "entries")} up to line {Human.Count(_committedLine)} are "
            + $"committed, nothing after them";
}
