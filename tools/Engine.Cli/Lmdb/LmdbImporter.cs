using Engine.Cli.Making;
using Engine.Cli.Records;
using Engine.Cli.Shared;

namespace Engine.Cli.Lmdb;

/// <summary>
/// Copies the databases of an LMDB file into trees: the unnamed one into the default tree, each named one into the tree
/// of that name.
/// </summary>
internal sealed class LmdbImporter
{
    private readonly LmdbFile _file;
    private readonly TreeFiller _filler;
    private readonly DuplicatePolicy _duplicates;
    private readonly bool _keepOrder;
    private readonly CancellationToken _cancellation;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private long _entries;

    /// <param name="file">The file.</param>
    /// <param name="filler">Where the entries go.</param>
    /// <param name="duplicates">What becomes of several values of one key.</param>
    /// <param name="keepOrder">
    /// Turn keys that LMDB compares from their end round, so that their order stays the same.
    /// </param>
    /// <param name="cancellation">Ends the work.</param>
    public LmdbImporter(
        LmdbFile file, TreeFiller filler, DuplicatePolicy duplicates, bool keepOrder, CancellationToken cancellation)
    {
        _file = file;
        _filler = filler;
        _duplicates = duplicates;
        _keepOrder = keepOrder;
        _cancellation = cancellation;
    }

    /// <exception cref="LmdbFormatException">The file is damaged, or was written to meanwhile.</exception>
    public List<ImportedTree> Run(ProgressUpdate progress)
    {
        var main = new LmdbTreeReader(_file, _file.Meta.Main, "the unnamed database", isMain: true);
        List<ImportedTree> trees = [Copy("", _file.Meta.Main, main, progress)];
        foreach ((byte[] bytes, LmdbRecord record) in main.Named)
        {
            string name = MdbDumpHeader.Decode(bytes, null);
            if (name.Length == 0 || !_names.Add(name))
                throw _file.Damaged($"two databases are called '{TreeNames.Label(name)}', or one has no name");
            trees.Add(Copy(name, record, new LmdbTreeReader(_file, record, $"the database '{TreeNames.Label(name)}'"),
                progress));
        }

        if (_file.HasChanged())
            throw _file.Changed();
        return trees;
    }

    private ImportedTree Copy(string name, in LmdbRecord record, LmdbTreeReader reader, ProgressUpdate progress)
    {
        LmdbFlags flags = record.Flags;
        bool hasDuplicates = flags.HasFlag(LmdbFlags.DupSort);
        bool isMultiValued = hasDuplicates && _duplicates == DuplicatePolicy.Keep;
        bool hasIntegerKeys = flags.HasFlag(LmdbFlags.IntegerKey);
        bool hasIntegerValues = isMultiValued && flags.HasFlag(LmdbFlags.IntegerDup);
        var first = new EntriesAhead(reader);
        if (first.TryPeek(out int keySize, out int valueSize) && isMultiValued && name.Length == 0)
        {
            throw new UsageException(
                "the unnamed database keeps several values of a key, and the default tree one: choose what to keep "
                + "with --duplicates first, last, list or pairs; or dump it, and load it into a tree that has a name: "
                + "mdb_dump DIRECTORY | engine load FILE - --format mdb --tree NAME");
        }

        IEntrySource source = first;
        bool turnsKeys = hasIntegerKeys || (_keepOrder && flags.HasFlag(LmdbFlags.ReverseKey));
        if (turnsKeys || hasIntegerValues)
            source = new IntegerEntries(source, turnsKeys, hasIntegerValues, hasIntegerKeys);
        DuplicateFolder? folder = hasDuplicates && !isMultiValued ? new DuplicateFolder(source, _duplicates) : null;
        source = folder ?? source;

        // A key with its value behind it is something else than the key.
        TreeKind kind = folder is not null && _duplicates == DuplicatePolicy.Pairs
            ? TreeKind.Plain
            : LmdbKinds.Of(isMultiValued, hasIntegerKeys, hasIntegerValues, keySize, valueSize);
        _filler.Enter(name, kind.Options, kind.ToAttributes());
        long entries = Fill(name, source, progress);
        return new ImportedTree(name, flags, entries, folder?.Dropped ?? 0, turnsKeys, kind);
    }

    private long Fill(string name, IEntrySource source, ProgressUpdate progress)
    {
        long entries = 0;
        while (Read(source, name, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
        {
            if (key.Length > _filler.MaxKeyLength)
            {
                throw new UsageException(
                    $"the tree '{TreeNames.Label(name)}' has a key of {Human.Count(key.Length)} bytes, and with pages "
                    + $"of this size the longest is {Human.Count(_filler.MaxKeyLength)}: give a larger --page-size");
            }

            Put(name, key, value);
            entries++;
            if ((++_entries & 0xFF) == 0)
            {
                _cancellation.ThrowIfCancellationRequested();
                progress(_entries, _entries);
            }
        }

        return entries;
    }

    private void Put(string name, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        try
        {
            _filler.PutPair(key, value);
        }
        catch (PairTooLongException exception)
        {
            throw new UsageException(
                $"the tree '{TreeNames.Label(name)}' has a pair of {Human.Count(exception.Length)} bytes, and with "
                + $"pages of this size the longest has {Human.Count(exception.Limit)}: give a larger --page-size",
                exception);
        }
    }

    private static bool Read(IEntrySource source, string name, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        try
        {
            return source.TryRead(out key, out value);
        }
        catch (UsageException exception) when (source is DuplicateFolder or IntegerEntries)
        {
            throw new UsageException(
                $"{(name.Length == 0 ? "the unnamed database" : $"the database '{TreeNames.Label(name)}'")}: "
                + $"{exception.Message}; nothing was imported",
                exception);
        }
    }
}
