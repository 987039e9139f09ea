using System.Text;
using Engine.Pages;
using Engine.Trees;

namespace Engine.Transactions;

/// <summary>
/// The records of named trees as one state of the catalog has them, looked up once per handle. Shared by all snapshots with the same
/// catalog, whoever fills it; thread-safe.
/// </summary>
internal sealed class TreeTable
{
    /// <summary>Stands for a name that the catalog does not have.</summary>
    private static readonly TreeEntry Absent = new(default);

    private readonly Lock _lock = new();
    private TreeEntry?[] _entries;

    public TreeTable()
        : this([])
    {
    }

    private TreeTable(TreeEntry?[] entries) => _entries = entries;

    /// <summary>The record of a tree, or null when the catalog does not have it.</summary>
    public TreeEntry? Find(TreeName name, PageSource source, in TreeRecord catalog)
    {
        var entries = Volatile.Read(ref _entries);
        var entry = name.Index < entries.Length ? Volatile.Read(ref entries[name.Index]) : null;
        entry ??= Load(name, source, catalog);
        return ReferenceEquals(entry, Absent) ? null : entry;
    }

    /// <summary>A table for the next catalog, which differs in the given trees (null: gone).</summary>
    public TreeTable With(IEnumerable<(TreeName Name, TreeRecord? Record)> changes)
    {
        var entries = Volatile.Read(ref _entries).AsSpan().ToArray();
        var changed = new TreeTable(entries);
        foreach (var (name, record) in changes)
        {
            changed.Set(name.Index, record is { } known ? new TreeEntry(known) : Absent);
        }

        return changed;
    }

    /// <summary>Looks a name up in a catalog.</summary>
    public static bool TryLoad(TreeName name, PageSource source, in TreeRecord catalog, out TreeRecord record)
    {
        var index = TreeSearch.Find(source, catalog.Root, catalog.RootCrc, catalog.Depth, name.Bytes, out var leaf);
        if (index < 0)
        {
            record = default;
            return false;
        }

        record = ReadRecord(name.Text, TreeSearch.Value(source, leaf, index), source);
        return true;
    }

    private static TreeRecord ReadRecord(string name, ReadOnlySpan<byte> value, PageSource source)
    {
        if (value.Length != PageLayout.TreeRecordSize)
        {
            throw new DatabaseCorruptException($"The catalog's record of tree '{name}' has {value.Length} bytes instead of {PageLayout.TreeRecordSize}.");
        }

        var record = TreeRecord.Read(value);
        if (record.Flags != TreeFlags.None)
        {
            throw new DatabaseFormatException(
                $"Tree '{name}' has flags 0x{(int)record.Flags:x} ({record.Flags}) that this engine does not support. Open the database with a newer engine; other trees are not affected.");
        }

        if (!record.IsPlausible(PageLayout.FirstPage(source.PageSize), source.PageLimit))
        {
            throw new DatabaseCorruptException($"The catalog's record of tree '{name}' is impossible (depth {record.Depth}, root {record.Root}).");
        }

        return record;
    }

    private TreeEntry Load(TreeName name, PageSource source, in TreeRecord catalog)
    {
        var entry = TryLoad(name, source, catalog, out var record) ? new TreeEntry(record) : Absent;
        lock (_lock)
        {
            Set(name.Index, entry);
        }

        return entry;
    }

    private void Set(int index, TreeEntry entry)
    {
        if (index >= _entries.Length)
        {
            var larger = new TreeEntry?[Math.Max(index + 1, _entries.Length * 2)];
            _entries.CopyTo(larger, 0);
            Volatile.Write(ref _entries, larger);
        }

        Volatile.Write(ref _entries[index], entry);
    }
}

/// <summary>A tree record on the heap, so that it can be replaced in one step.</summary>
internal sealed class TreeEntry(TreeRecord record)
{
    public readonly TreeRecord Record = record;
}

/// <summary>A tree's name with its place in the tables; 0 is the default tree.</summary>
internal sealed class TreeName(string text, int index)
{
    public string Text { get; } = text;

    public int Index { get; } = index;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The name as the catalog's key.</summary>
    /// <exception cref="ArgumentException">Half a surrogate pair has no UTF-8 form; replaced silently it would name another tree.</exception>
    public byte[] Bytes { get; } = StrictUtf8.GetBytes(text);

    /// <summary>The name behind a key of the catalog.</summary>
    /// <exception cref="DatabaseCorruptException">No name has that key.</exception>
    public static string FromKey(ReadOnlySpan<byte> key, int pageSize)
    {
        if (key.Length > PageLayout.MaxNameLength(pageSize))
        {
            throw new DatabaseCorruptException($"The catalog holds a name of {key.Length} bytes; the longest one has {PageLayout.MaxNameLength(pageSize)}.");
        }

        try
        {
            return key.IsEmpty ? throw new DatabaseCorruptException("The catalog holds a tree without a name.") : StrictUtf8.GetString(key);
        }
        catch (DecoderFallbackException e)
        {
            throw new DatabaseCorruptException($"The catalog holds a name that is no UTF-8: {Convert.ToHexString(key)}.", e);
        }
    }
}
