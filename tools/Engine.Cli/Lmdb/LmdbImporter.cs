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
    private byte[] _turned = [];
    private long _entries;

    /// <param name="file">The file.</param>
    /// <param name="filler">Where the entries go.</param>
    /// <param name="duplicates">What becomes of several values of one key.</param>
    /// <param name="keepOrder">
    /// Turn keys that LMDB compares otherwise round, so that their order stays the same.
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
        _filler.Enter(name);
        LmdbFlags flags = record.Flags;
        DuplicateFolder? folder = flags.HasFlag(LmdbFlags.DupSort) ? new DuplicateFolder(reader, _duplicates) : null;
        IEntrySource source = folder is null ? reader : folder;
        bool isTurned = _keepOrder && (flags & (LmdbFlags.IntegerKey | LmdbFlags.ReverseKey)) != 0;
        long entries = 0;
        while (Read(source, name, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
        {
            if (key.Length > _filler.MaxKeyLength)
            {
                throw new UsageException(
                    $"the tree '{TreeNames.Label(name)}' has a key of {Human.Count(key.Length)} bytes, and with pages "
                    + $"of this size the longest is {Human.Count(_filler.MaxKeyLength)}: give a larger --page-size");
            }

            _filler.Put(isTurned ? Turn(key) : key, value);
            entries++;
            if ((++_entries & 0xFF) == 0)
            {
                _cancellation.ThrowIfCancellationRequested();
                progress(_entries, _entries);
            }
        }

        return new ImportedTree(name, flags, entries, folder?.Dropped ?? 0, isTurned);
    }

    private static bool Read(IEntrySource source, string name, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        try
        {
            return source.TryRead(out key, out value);
        }
        catch (UsageException exception) when (source is DuplicateFolder)
        {
            throw new UsageException(
                $"{(name.Length == 0 ? "the unnamed database" : $"the database '{TreeNames.Label(name)}'")}: "
                + $"{exception.Message}; nothing was imported",
                exception);
        }
    }

    /// <summary>
    /// Little-endian integers become big-endian, and keys that are compared from their end are turned round: the same
    /// thing.
    /// </summary>
    private ReadOnlySpan<byte> Turn(ReadOnlySpan<byte> key)
    {
        if (_turned.Length < key.Length)
            _turned = new byte[Math.Max(key.Length, 64)];
        Span<byte> turned = _turned.AsSpan(0, key.Length);
        key.CopyTo(turned);
        turned.Reverse();
        return turned;
    }
}
