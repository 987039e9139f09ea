using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>Puts records into trees, in transactions of many. A failure leaves what was committed before it.</summary>
internal sealed class Loader
{
    /// <summary>A transaction also ends when its entries are this long together, so that its memory stays bounded whatever the values are.</summary>
    private const long BatchBytes = 32L * 1024 * 1024;

    private readonly Database _database;
    private readonly string? _tree;
    private readonly int _batchEntries;
    private readonly CancellationToken _cancellation;

    private string? _namedInInput;
    private long _entries;
    private long _committedEntries;
    private long _committedLine;

    /// <param name="database">Where the entries go.</param>
    /// <param name="tree">The tree for all of them; null for the one that the input names, or else the default tree.</param>
    /// <param name="batchEntries">The entries of a transaction.</param>
    /// <param name="cancellation">Ends the work.</param>
    public Loader(Database database, string? tree, int batchEntries, CancellationToken cancellation)
    {
        _database = database;
        _tree = string.IsNullOrEmpty(tree) ? null : tree;
        _batchEntries = batchEntries;
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
                $"{name}, line {Human.Count(exception.LineNumber)}: {exception.Message}; {Kept()}: mend the line and load again", exception);
        }
        catch (Exception exception) when (exception is not OutputClosedException)
        {
            throw new StoppedHalfwayException(
                $"{name}, line {Human.Count(records.LineNumber)}: {ErrorReporting.Describe(exception).Message.TrimEnd('.')}; {Kept()}", exception);
        }
    }

    /// <summary>Loads one transaction; false when there is nothing left to load.</summary>
    private bool LoadBatch(RecordReader records, ProgressUpdate progress)
    {
        using WriteTransaction transaction = _database.BeginWrite();
        Tree? tree = null;
        string? treeName = null;
        int count = 0;
        long bytes = 0;
        while (count < _batchEntries && bytes < BatchBytes && records.TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
        {
            string? wanted = _tree ?? records.Tree;
            if (tree is null || wanted != treeName)
                (tree, treeName) = (Open(transaction, wanted), wanted);
            if (_tree is not null)
                CheckOnlyTree(records);
            transaction.Put(tree, key, value);
            count++;
            bytes += key.Length + value.Length;
            if ((++_entries & 0xFF) == 0)
            {
                _cancellation.ThrowIfCancellationRequested();
                progress(_entries, records.BytesConsumed);
            }
        }

        // Trees without entries are kept as well.
        bool isNew = false;
        while (records.TryTakeNamed(out string? named))
        {
            Open(transaction, _tree ?? named);
            isNew = true;
        }

        if (count > 0 || isNew)
            transaction.Commit();
        return count > 0;
    }

    private Tree Open(WriteTransaction transaction, string? name) => name is null ? _database.Main : transaction.CreateTree(name);

    /// <summary>Entries of several trees would overwrite each other in the one that was asked for.</summary>
    private void CheckOnlyTree(RecordReader records)
    {
        string named = records.Tree ?? "";
        _namedInInput ??= named;
        if (_namedInInput != named)
            throw new MalformedRecordException(records.LineNumber, "the input holds several trees: leave out --tree, which puts all entries into one");
    }

    private string Kept() => _committedEntries == 0
        ? "nothing was loaded"
        : $"the {Human.Count(_committedEntries, "entry", "entries")} up to line {Human.Count(_committedLine)} are committed, nothing after them";
}
