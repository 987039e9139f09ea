using Engine.Cli.Making;
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
    private readonly Action<string>? _warn;
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
    /// <param name="warn">Is told what is not kept; nothing if nobody listens.</param>
    public Loader(
        Database database,
        string? tree,
        int? batchEntries,
        BulkLoadOptions options,
        CancellationToken cancellation,
        Action<string>? warn = null)
    {
        _database = database;
        _tree = string.IsNullOrEmpty(tree) ? null : tree;
        _batchEntries = batchEntries;
        _options = options;
        _cancellation = cancellation;
        _warn = warn;
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
        TreeLoad? loader = null;
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
                    loader = new TreeLoad(transaction, _database, Open(transaction, wanted, records.Kind), _options);
                    treeName = wanted;
                }

                if (_tree is not null)
                    CheckOnlyTree(records);
                loader.Add(key, value, records.HasTime);
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

    private bool IsComplete(TreeLoad? loader, int count, long bytes) =>
        (_batchEntries is not null || loader is not { IsSorting: true })
        && (count >= (_batchEntries ?? DefaultBatch) || bytes >= BatchBytes);

    private void Complete(TreeLoad? loader, RecordReader records, ProgressUpdate progress)
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
        while (records.TryTakeNamed(out string? named, out TreeKind kind))
        {
            string? name = _tree ?? (named.Length > 0 ? named : null);
            Open(transaction, name, kind);
            isNew = true;
            if (name is null && kind != TreeKind.Plain)
                _warn?.Invoke(
                    "the default tree can be nothing special, and the input says of its tree that it is counted, or "
                    + "what its keys and values mean: the bytes are kept, and --tree NAME keeps the rest");
        }

        return isNew;
    }

    private Tree Open(WriteTransaction transaction, string? name, TreeKind kind)
    {
        if (name is null)
        {
            if (kind.IsExpiring)
                throw new UsageException(
                    "the entries expire, and those of the default tree do not: give --tree NAME, which makes an "
                    + "expiring tree");
            return kind.IsMultiValued
                ? throw new UsageException(
                    "the keys have many values, and the default tree keeps one of each: give --tree NAME, which makes "
                    + "a multi-valued tree, or for a dump of LMDB --duplicates first, last, list or pairs")
                : _database.Main;
        }

        if (!transaction.TreeExists(name))
            return NewTrees.Create(transaction, name, kind);
        Tree tree = NewTrees.Open(transaction, _database, name);
        if (kind.IsMultiValued && !tree.Id.IsOfPairs)
        {
            throw new UsageException(
                $"the keys have many values, and {TreeNames.Label(name)} keeps one of each: give another --tree NAME, "
                + "or for a dump of LMDB --duplicates first, last, list or pairs");
        }

        if (kind.HasCodecs)
            SetCodecs(transaction, tree, kind);
        return tree;
    }

    /// <summary>A tree that is empty takes the codecs of the input; one that has others takes nothing of it.</summary>
    private static void SetCodecs(WriteTransaction transaction, Tree tree, TreeKind kind)
    {
        TreeKind existing = NewTrees.KindOf(transaction, tree);
        if (!existing.HasCodecs)
        {
            if (transaction[tree].GetStatistics().Entries == 0)
                NewTrees.SetAttributes(
                    transaction,
                    tree,
                    (existing with { KeyCodec = kind.KeyCodec, ValueCodec = kind.ValueCodec }).ToAttributes());
        }
        else if (existing.KeyCodec != kind.KeyCodec || existing.ValueCodec != kind.ValueCodec)
        {
            throw new UsageException(
                $"the keys and values of {TreeNames.Label(tree.Name)} are {existing.KeyCodec ?? "bytes"} and "
                + $"{existing.ValueCodec ?? "bytes"}, those of the input {kind.KeyCodec ?? "bytes"} and "
                + $"{kind.ValueCodec ?? "bytes"}: give another --tree NAME");
        }
    }

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
