using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>Puts records into a tree, in transactions of many. A failure leaves what was committed before it.</summary>
internal sealed class Loader
{
    /// <summary>A transaction also ends when its entries are this long together, so that its memory stays bounded whatever the values are.</summary>
    private const long BatchBytes = 32L * 1024 * 1024;

    private readonly Database _database;
    private readonly string? _tree;
    private readonly int _batchEntries;
    private readonly CancellationToken _cancellation;

    private long _entries;
    private long _committedEntries;
    private long _committedLine;

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
        Tree tree = _tree is null ? _database.Main : transaction.CreateTree(_tree);
        int count = 0;
        long bytes = 0;
        while (count < _batchEntries && bytes < BatchBytes && records.TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
        {
            transaction.Put(tree, key, value);
            count++;
            bytes += key.Length + value.Length;
            if ((++_entries & 0xFF) == 0)
            {
                _cancellation.ThrowIfCancellationRequested();
                progress(_entries, records.BytesConsumed);
            }
        }

        if (count > 0)
            transaction.Commit();
        return count > 0;
    }

    private string Kept() => _committedEntries == 0
        ? "nothing was loaded"
        : $"the {Human.Count(_committedEntries, "entry", "entries")} up to line {Human.Count(_committedLine)} are committed, nothing after them";
}
